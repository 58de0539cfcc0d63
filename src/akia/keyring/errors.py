"""What the keyring raises."""

from __future__ import annotations


class Unsealable(ValueError):
    """Something sealed cannot be opened: it is damaged, forged, moved to another place, or sealed under a key that we do not have.

    Says no more than that, and never holds a part of what was sealed (NT-32, NT-67).
    """
