"""The pytest plugin of akia."""
