"""Where the levels of buckets are kept: what every place must offer, and the simplest one, the memory of one process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from akia.throttle.allowance import Short, at, full, may_be_forgotten, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.throttle.allowance import Allowance, Draw, Level, Taken

MOST_BUCKETS = 50_000
_OTHERS = "others"


class Buckets(Protocol):
    """Levels by the names of buckets, shared exactly by all that use them. One call of `take` is one atomic step: a store for many machines
    does it in one round trip. `now` is monotonic and the same clock for all, in seconds; `day` counts days of UTC.

    Every method may raise ServiceUnavailable: then nobody knows whether there is anything left, and nothing is given.
    """

    def take(self, draws: Sequence[Draw], now: float, day: int) -> Taken | Short:
        """Take from all buckets or from none. Names must be different."""

    def level(self, name: str, allowance: Allowance, now: float, day: int) -> Level:
        """How full a bucket is; takes nothing."""

    def count_refusal(self, name: str) -> None:
        """Count one refusal under `name`."""

    def refusals(self, name: str) -> int:
        """How many were counted under `name` since the server was started."""

    def forget(self) -> None:
        """Forget everything. A throw-away akia's reset does this."""


@dataclass(slots=True)
class BucketsInMemory:
    """For one process, whose end is their end. Bounded: beyond MOST_BUCKETS, full ones are forgotten, then newcomers share one."""

    _levels: dict[str, tuple[Level, float, float]] = field(default_factory=dict)
    """With the rate and the capacity by which a level rises."""
    _refusals: Counter[str] = field(default_factory=Counter)

    def take(self, draws: Sequence[Draw], now: float, day: int) -> Taken | Short:
        names = [self._known(draw.name, now, day) for draw in draws]
        levels = [self.level(name, draw.allowance, now, day) for name, draw in zip(names, draws, strict=True)]
        outcome = settle(draws, levels)
        after = levels if isinstance(outcome, Short) else outcome.levels
        for name, draw, level in zip(names, draws, after, strict=True):
            self._levels[name] = level, draw.allowance.rate, draw.allowance.capacity
        return outcome

    def level(self, name: str, allowance: Allowance, now: float, day: int) -> Level:
        kept = self._levels.get(name)
        if kept is None and len(self._levels) >= MOST_BUCKETS:
            kept = self._levels.get(_OTHERS)
        return at(kept[0], allowance, now, day) if kept is not None else full(allowance, now, day)

    def count_refusal(self, name: str) -> None:
        self._refusals[name if name in self._refusals or len(self._refusals) < MOST_BUCKETS else _OTHERS] += 1

    def refusals(self, name: str) -> int:
        return self._refusals.get(name, 0)

    def forget(self) -> None:
        self._levels.clear()
        self._refusals.clear()

    def _known(self, name: str, now: float, day: int) -> str:
        if name in self._levels or len(self._levels) < MOST_BUCKETS:
            return name
        self._levels = {known: kept for known, kept in self._levels.items() if not may_be_forgotten(*kept, now, day)}
        return name if len(self._levels) < MOST_BUCKETS else _OTHERS
