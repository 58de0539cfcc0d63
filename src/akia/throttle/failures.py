"""Failures by where they come from: so many at once, so many a second, whatever succeeds in between."""

from __future__ import annotations

from dataclasses import dataclass, field

from akia.throttle.bucket import TokenBucket

MOST_ADDRESSES = 50_000
_OTHERS = "other addresses"


@dataclass(slots=True)
class Failures:
    """Buckets of failures per source address. `now` is monotonic, in seconds. Memory is bounded: beyond MOST_ADDRESSES, calm addresses are
    forgotten, then new ones share one bucket."""

    rate: float
    burst: float
    _buckets: dict[str, TokenBucket] = field(default_factory=dict)

    def turned_away(self, address: str, now: float) -> bool:
        """Whether `address` has used up its failures, or, while there is no room for new ones, the newcomers together have."""
        bucket = self._buckets.get(address)
        if bucket is None and len(self._buckets) >= MOST_ADDRESSES:
            bucket = self._buckets.get(_OTHERS)
        return bucket is not None and bucket.is_empty(now)

    def failed(self, address: str, now: float) -> None:
        """Count one failure."""
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._admit(address, now)
        bucket.take(now)

    def forget(self) -> None:
        """Start counting anew. A throw-away akia's reset does this."""
        self._buckets.clear()

    def _admit(self, address: str, now: float) -> TokenBucket:
        if len(self._buckets) >= MOST_ADDRESSES:
            self._buckets = {known: bucket for known, bucket in self._buckets.items() if not bucket.is_full(now)}
        if len(self._buckets) >= MOST_ADDRESSES:
            address = _OTHERS
        return self._buckets.setdefault(address, TokenBucket(self.rate, self.burst))
