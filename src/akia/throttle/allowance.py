"""How much one bucket gives, how full it is, and whether it gives what a call asks of it: all from it, or nothing from anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDING = 1e-9
NEARLY = 0.8
"""From this use on a limit is nearly used up (G3)."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many tokens at once (`burst`), so many a second (`rate`; 0: no rate), so many a day (`daily`; 0: no budget).

    `reserve` more tokens are there for modest callers only: whoever takes more than a fair share of a bucket finds it empty earlier than
    the others do, so that nobody starves them (NT-74).
    """

    rate: float
    burst: float
    daily: int = 0
    reserve: float = 0.0

    @property
    def capacity(self) -> float:
        return self.burst + self.reserve


class Level(NamedTuple):
    """How full a bucket was at the monotonic second `at`, and how many tokens it has given on the `day` (days of UTC since 1970)."""

    tokens: float
    at: float
    day: int
    used: int


class Draw(NamedTuple):
    """What one call wants of the bucket `name`: `most` tokens at once, to keep for the calls after it, or at least one. A `modest` caller
    may have the reserve."""

    name: str
    allowance: Allowance
    most: int = 1
    modest: bool = True


class Short(NamedTuple):
    """The bucket of the draw number `place` has nothing to give for `seconds`; `of_budget`: before the next day."""

    place: int
    seconds: float
    of_budget: bool


class Taken(NamedTuple):
    """What each draw was given, the levels after it, and the use (0 to 1) of each bucket before and after."""

    granted: tuple[int, ...]
    levels: tuple[Level, ...]
    uses: tuple[tuple[float, float], ...]


def full(allowance: Allowance, now: float, day: int) -> Level:
    """A bucket that nobody has taken from yet."""
    return Level(allowance.capacity, now, day, 0)


def at(level: Level, allowance: Allowance, now: float, day: int) -> Level:
    """`level` as it is now. Clocks that are set back give nothing (NT-74)."""
    tokens, since, counted, used = level
    if now > since:
        tokens, since = tokens + (now - since) * allowance.rate, now
    if tokens > allowance.capacity:
        tokens = allowance.capacity
    if day != counted:
        counted, used = _another_day(counted, used, day)
    return Level(tokens, since, counted, used)


def _another_day(counted: int, used: int, day: int) -> tuple[int, int]:
    """A day later begins anew. A day earlier goes on with the count of the later one; if the clock was wrong by more than a day, the count
    is dated back with it, lest the budget be used up until that day comes."""
    if day > counted:
        return day, 0
    return (counted, used) if counted == day + 1 else (day, used)


def settle(draws: Sequence[Draw], levels: Sequence[Level]) -> Taken | Short:
    """Take from all buckets, whose `levels` are those of now, or from none of them."""
    granted = []
    for index, (draw, level) in enumerate(zip(draws, levels, strict=True)):
        given = _given(draw, level)
        if not given:
            return _short(index, draw, level)
        granted.append(given)
    after = tuple(_after(draw.allowance, level, given) for draw, level, given in zip(draws, levels, granted, strict=True))
    uses = tuple((use(draw.allowance, old), use(draw.allowance, new)) for draw, old, new in zip(draws, levels, after, strict=True))
    return Taken(tuple(granted), after, uses)


def use(allowance: Allowance, level: Level) -> float:
    """How much of the allowance is used up, from 0 to 1: of the rate or of the budget, whichever is more."""
    of_rate = 1.0 - max(0.0, level.tokens - allowance.reserve) / allowance.burst if allowance.rate else 0.0
    return max(0.0, of_rate, level.used / allowance.daily if allowance.daily else 0.0)


def may_be_forgotten(level: Level, rate: float, capacity: float, now: float, day: int) -> bool:
    """Whether a bucket of which only so much is known is as good as new."""
    return (not level.used or day > level.day) and level.tokens + max(0.0, now - level.at) * rate >= capacity


def _given(draw: Draw, level: Level) -> int:
    allowance = draw.allowance
    if allowance.daily and level.used >= allowance.daily:
        return 0
    if not allowance.rate:
        return 1
    left = level.tokens + ROUNDING
    if left >= draw.most + allowance.reserve:
        return draw.most
    return 1 if left >= (1 if draw.modest else 1 + allowance.reserve) else 0


def _after(allowance: Allowance, level: Level, given: int) -> Level:
    """What has no budget counts nothing for the day, and so may be forgotten as soon as it is full."""
    tokens = level.tokens - given if allowance.rate else level.tokens
    return Level(tokens, level.at, level.day, level.used + given if allowance.daily else level.used)


def _short(index: int, draw: Draw, level: Level) -> Short:
    allowance = draw.allowance
    if allowance.daily and level.used >= allowance.daily:
        return Short(index, 0.0, of_budget=True)
    needed = 1 if draw.modest else 1 + allowance.reserve
    return Short(index, max(0.0, needed - level.tokens) / allowance.rate, of_budget=False)
