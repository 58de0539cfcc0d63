"""Why a token is not believed."""

from __future__ import annotations


class Rejected(Exception):
    """The token proves nothing. The text is for whoever runs akia; its bearer is not told (NT-22)."""


class Expired(Rejected):
    """The token is genuine, but its time is over."""
