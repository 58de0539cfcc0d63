"""Token buckets: so many at once, so many a second."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class TokenBucket:
    """Holds up to `burst` tokens and gains `rate` a second. `now` is monotonic, in seconds: setting a clock back resets nothing (NT-74)."""

    rate: float
    burst: float
    _tokens: float = field(init=False)
    _at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def take(self, now: float, tokens: float = 1.0) -> bool:
        """Take `tokens` if there are that many."""
        self._refill(now)
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True

    def is_empty(self, now: float) -> bool:
        """Whether not even one token is there; takes none."""
        self._refill(now)
        return self._tokens < 1

    def is_full(self, now: float) -> bool:
        """Whether nothing has been taken that time has not given back: such a bucket may be forgotten."""
        self._refill(now)
        return self._tokens >= self.burst

    def _refill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
