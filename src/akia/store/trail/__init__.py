"""What CloudTrail's operations need remembered: events, the resources they touched, and when a key was last used."""
