"""The pytest plugin and the in-process client."""
