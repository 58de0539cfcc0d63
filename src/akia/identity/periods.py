"""Periods in which something takes events: each from when to when, in epoch seconds; the last without an end (0) while it goes on."""

from __future__ import annotations

Periods = tuple[tuple[int, int], ...]

_KEPT = 16
"""So many are told apart. Of more the oldest are joined, with the time between them: what somebody has yet to read is rather taken too
often than hidden by whoever stops and starts again and again."""


def goes_on(periods: Periods) -> bool:
    return bool(periods) and not periods[-1][1]


def begun(periods: Periods, now: int) -> Periods:
    """Going on from `now` on, unless it does already."""
    if goes_on(periods):
        return periods
    if len(periods) >= _KEPT:
        (start, _), (_, end), *rest = periods
        periods = ((start, end), *rest)
    return (*periods, (now, 0))


def ended(periods: Periods, now: int) -> Periods:
    """Going on no more."""
    return (*periods[:-1], (periods[-1][0], now)) if goes_on(periods) else periods


def cover(periods: Periods, at_ms: int) -> bool:
    """Whether `at_ms` (epoch milliseconds) lies in one of them. The seconds of start and end count as a whole, so that the calls that began
    and ended it do."""
    return any(start * 1000 <= at_ms and (not end or at_ms < (end + 1) * 1000) for start, end in periods)
