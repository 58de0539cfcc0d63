"""When the owner of an access key is reminded that it expires or comes of age (G6, X14): once at each threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.key_lifetime import DAY

if TYPE_CHECKING:
    from akia.identity.key_lifetime import Validity

THRESHOLDS = (30, 14, 7, 1, 0)
"""Days before the end; 0: it is past."""


def threshold(validity: Validity, now: int) -> int | None:
    """The latest threshold that a key has passed `now` (epoch seconds); None for a key that has none behind it."""
    if validity.expires is None:
        return None
    left = validity.expires - now
    return min((days for days in THRESHOLDS if left <= days * DAY), default=None)


def is_news(passed: int, expires: int, told: tuple[int, int] | None) -> bool:
    """Whether `passed` is to be told of a key that expires at `expires`. `told` is what was told last: when the key was to expire, and the
    threshold. An end that was moved begins anew."""
    return told is None or told[0] != expires or passed < told[1]
