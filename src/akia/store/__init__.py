"""What akia remembers: one SQLite database, opened with a master key; a repository for each noun over one connection."""
