"""What is known of providers' keys, and when to ask for them again. It has no clock: `now` is in epoch seconds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from akia.federation.key_set import KeySet

FRESH_SECONDS = 900
"""How long keys are used without asking."""
STALE_SECONDS = 3_600
"""How long they are used at most if their provider does not answer."""
PATIENCE_SECONDS = 30
"""How long one waits before asking a provider again, whatever tokens come in: an unknown `kid` forces one request at most (NT-23)."""
MOST_PROVIDERS = 1_000


class NoKeys(Enum):
    """Why there are no keys to verify with."""

    ASK = "they have to be fetched"
    UNREACHABLE = "they could not be fetched a moment ago"
    UNKNOWN = "the provider has been asked a moment ago, and has no key of this name"


@dataclass(frozen=True, slots=True)
class _Known:
    """`keys` were learned at `learned`; the provider was asked last at `asked`."""

    keys: KeySet | None
    learned: int
    asked: int


class KeyCache:
    """Keys by provider, for the providers that were asked last. Entries may be written by any thread."""

    def __init__(self, most: int = MOST_PROVIDERS) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()

    def find(self, provider: Hashable, kid: str, now: int) -> KeySet | NoKeys:
        """The keys to verify a token with that names the key `kid`, or why there are none."""
        known = self._known.get(provider)
        if known is None:
            return NoKeys.ASK
        waits = now - known.asked < PATIENCE_SECONDS
        age = now - known.learned
        if known.keys is not None and known.keys.has(kid) and (age < FRESH_SECONDS or (waits and age < STALE_SECONDS)):
            return known.keys
        if not waits:
            return NoKeys.ASK
        return NoKeys.UNREACHABLE if known.keys is None or known.learned < known.asked else NoKeys.UNKNOWN

    def learn(self, provider: Hashable, keys: KeySet, now: int) -> None:
        """The provider has answered."""
        self._put(provider, _Known(keys, now, now))

    def miss(self, provider: Hashable, now: int) -> None:
        """The provider did not answer, or nothing that can be used. What it said before stays good for a while."""
        known = self._known.get(provider)
        self._put(provider, _Known(None, 0, now) if known is None else _Known(known.keys, known.learned, now))

    def forget(self) -> None:
        """Know nothing any more."""
        self._known.clear()

    def __len__(self) -> int:
        return len(self._known)

    def _put(self, provider: Hashable, known: _Known) -> None:
        self._known[provider] = known
        self._known.move_to_end(provider)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
