"""Rotations of access keys: how far each has come, its history, and what accounts have decided about the age of keys."""
