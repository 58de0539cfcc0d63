"""Keys that akia signs web identity tokens with, and their rotation (SI17.5). Times are in epoch seconds.

A new key is published a day before it signs, so that whoever verifies has seen it, and stays published until every token that it has signed
is over: two keys of an algorithm overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALGORITHMS = ("RS256", "ES384")
ROTATION_SECONDS = 90 * 86_400
"""How old the newest key of an algorithm may become."""
PUBLISHED_FIRST_SECONDS = 86_400
"""How long a key is published before it signs."""
LONGEST_TOKEN_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class OutboundKey:
    """A key pair. `public` is the public half as a JSON web key; the private half is sealed in the store."""

    id: str
    algorithm: str
    created: int
    public: str


def signing_key(keys: Iterable[OutboundKey], algorithm: str, now: int) -> OutboundKey | None:
    """The key to sign with: the newest that has been published for long enough, else the oldest. None if there is none at all."""
    known = _of(keys, algorithm)
    seasoned = [key for key in known if key.created + PUBLISHED_FIRST_SECONDS <= now]
    return seasoned[-1] if seasoned else known[0] if known else None


def due(keys: Iterable[OutboundKey], now: int) -> list[str]:
    """The algorithms that need a new key."""
    keys = list(keys)
    newest = {algorithm: max((key.created for key in _of(keys, algorithm)), default=None) for algorithm in ALGORITHMS}
    return [algorithm for algorithm, created in newest.items() if created is None or created + ROTATION_SECONDS <= now]


def retired(keys: Iterable[OutboundKey], now: int) -> list[OutboundKey]:
    """The keys that nobody needs any more: their successor signs, and has done so for longer than their last token lasts."""
    keys = list(keys)
    gone: list[OutboundKey] = []
    for algorithm in ALGORITHMS:
        known = _of(keys, algorithm)
        gone += [
            key for key, successor in pairwise(known) if successor.created + PUBLISHED_FIRST_SECONDS + 2 * LONGEST_TOKEN_SECONDS <= now
        ]
    return gone


def _of(keys: Iterable[OutboundKey], algorithm: str) -> Sequence[OutboundKey]:
    return sorted((key for key in keys if key.algorithm == algorithm), key=lambda key: (key.created, key.id))
