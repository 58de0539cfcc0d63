"""Running the queries of event data stores: DuckDB in a process of its own, which holds what the query may see and nothing else."""
