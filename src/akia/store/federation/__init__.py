"""Identity providers, and akia as one."""
