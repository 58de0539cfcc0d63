"""Insights: when calls are unusually many, and the events that say so.

AWS does not tell its rule. Ours: a minute is unusual if it has more calls than any minute of the seven days before, than their average and
three standard deviations, and than FEWEST. So what happens every night is not unusual, and neither are three calls after none.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

BASELINE_MINUTES = 7 * 24 * 60
LEARNING_MINUTES = 24 * 60
"""How long an account's calls are counted before any minute is called unusual."""
QUIET_MINUTES = 5
"""An insight ends when so many minutes have been usual again."""
FEWEST = 10
"""Calls in a minute that are never unusual."""
MOST_VALUES = 5
"""Values that an event names of each attribute."""
DEVIATIONS = 3
EVENT_VERSION = "1.09"

Shares = Mapping[str, "Sequence[tuple[str, int]]"]
"""By attribute (`userIdentityArn`, `userAgent`, `errorCode`): the values that calls had most often, and how often."""


class Baseline(NamedTuple):
    """What was usual: `minutes` long, those without calls included; the sum of the minutes' counts, that of their squares, the greatest."""

    minutes: int
    total: int = 0
    squares: int = 0
    greatest: int = 0

    @property
    def average(self) -> float:
        """Calls a minute."""
        return self.total / self.minutes

    @property
    def bound(self) -> int:
        """The most calls in a minute that are usual."""
        deviation = sqrt(max(self.squares / self.minutes - self.average**2, 0.0))
        return max(FEWEST, self.greatest, int(self.average + DEVIATIONS * deviation))


def unusual(count: int, baseline: Baseline) -> bool:
    """Whether `count` calls in the minute after `baseline` are."""
    return baseline.minutes >= LEARNING_MINUTES and count > baseline.bound


class Subject(NamedTuple):
    """What an insight is about, in the event's words. `error` is "" for a rate of calls."""

    account: str
    region: str
    source: str
    name: str
    kind: str
    error: str = ""


class Measured(NamedTuple):
    """Calls a minute, and how many minutes, in the insight and in its baseline; and whose calls those were."""

    insight_average: float
    insight_minutes: int
    baseline_average: float
    baseline_minutes: int
    insight_shares: Shares
    baseline_shares: Shares


def record(subject: Subject, measured: Measured, *, state: str, at: int, event_id: str, shared_id: str) -> dict[str, Any]:
    """The event of the start or the end (`state`) of an insight, at `at` (epoch seconds); `shared_id` is that of the insight."""
    details = {"state": state, "eventSource": subject.source, "eventName": subject.name, "insightType": subject.kind}
    if subject.error:
        details["errorCode"] = subject.error
    return {
        "eventVersion": EVENT_VERSION,
        "eventTime": timestamp(at),
        "awsRegion": subject.region,
        "eventID": event_id,
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": subject.account,
        "sharedEventID": shared_id,
        "insightDetails": {**details, "insightContext": {"statistics": _statistics(measured), "attributions": _attributions(measured)}},
        "eventCategory": "Insight",
    }


def written(event: Mapping[str, Any]) -> str:
    """`event` as JSON."""
    return orjson.dumps(event).decode()


def _statistics(measured: Measured) -> dict[str, Any]:
    return {
        "baseline": {"average": measured.baseline_average},
        "insight": {"average": measured.insight_average},
        "insightDuration": measured.insight_minutes,
        "baselineDuration": measured.baseline_minutes,
    }


def _attributions(measured: Measured) -> list[dict[str, Any]]:
    return [
        {
            "attribute": attribute,
            "insight": _values(values, measured.insight_minutes),
            "baseline": _values(measured.baseline_shares.get(attribute, ()), measured.baseline_minutes),
        }
        for attribute, values in measured.insight_shares.items()
    ]


def _values(shares: Sequence[tuple[str, int]], minutes: int) -> list[dict[str, Any]]:
    return [{"value": value, "average": count / minutes} for value, count in shares]
