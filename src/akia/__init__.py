"""akia: an AWS-compatible access-key authority that an organisation runs itself."""

__version__ = "0.1.0"
