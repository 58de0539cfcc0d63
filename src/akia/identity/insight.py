"""Insights: calls that are unusually many. Minutes are epoch seconds divided by 60."""

from __future__ import annotations

from dataclasses import dataclass

CALL_RATE, ERROR_RATE = "ApiCallRateInsight", "ApiErrorRateInsight"


@dataclass(frozen=True, slots=True)
class Series:
    """What is counted by the minute: the changes that an account makes with one operation in one region; or, with an `error`, all calls
    of the operation that fail so."""

    account: str
    region: str
    source: str
    name: str
    error: str = ""

    @property
    def kind(self) -> str:
        """AWS's type of insights about it."""
        return ERROR_RATE if self.error else CALL_RATE


@dataclass(frozen=True, slots=True)
class InsightWatch:
    """An account whose calls are counted since a minute; their counts were `examined` up to and with another."""

    account: str
    since: int
    examined: int


@dataclass(frozen=True, slots=True)
class Insight:
    """Something unusual that goes on: from the minute `started` to `last`, each end with more than `bound` calls. `average` (calls a
    minute) and `minutes` are those of its baseline. `id` is what its two events share."""

    series: Series
    id: str
    started: int
    last: int
    bound: int
    average: float
    minutes: int


@dataclass(frozen=True, slots=True)
class InsightEvent:
    """`at_ms` is in epoch milliseconds; `record` is its JSON."""

    event_id: str
    account: str
    region: str
    at_ms: int
    source: str
    name: str
    kind: str
    record: str
