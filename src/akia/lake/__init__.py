"""CloudTrail Lake's SQL: which event data stores a statement names, what it may say, and what that means to DuckDB. Runs nothing."""
