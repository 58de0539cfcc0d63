"""What akia counts of itself: counters in memory, and the text in which Prometheus reads them. No I/O, no clock."""
