"""Failures by where they come from: so many at once, so many a second, whatever succeeds in between."""

from __future__ import annotations

from akia.throttle.allowance import ROUNDING, Allowance, Draw
from akia.throttle.buckets import BucketsInMemory

_NO_DAY = 0
"""Failures have no budget."""


class Failures:
    """A bucket of failures per source address: `burst` at once, `rate` a second. `now` is monotonic, in seconds. Memory is bounded, as that
    of `BucketsInMemory`: when there is no room for new addresses, they share one bucket."""

    def __init__(self, rate: float, burst: float) -> None:
        self._allowance = Allowance(rate, burst)
        self._buckets = BucketsInMemory()

    def turned_away(self, address: str, now: float) -> bool:
        """Whether `address` has used up its failures."""
        return self._buckets.level(address, self._allowance, now, _NO_DAY).tokens < 1 - ROUNDING

    def failed(self, address: str, now: float) -> None:
        """Count one failure."""
        self._buckets.take([Draw(address, self._allowance)], now, _NO_DAY)

    def forget(self) -> None:
        """Start counting anew. A throw-away akia's reset does this."""
        self._buckets.forget()
