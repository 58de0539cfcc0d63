"""Requests by service, access level and outcome, with how long they took. On the way of every request: one look into a dictionary."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from akia.metrics.exposition import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, upper bounds of the histogram's buckets; one more takes what lasted longer."""
_BUCKETS = len(BOUNDS) + 1
_SECONDS = _BUCKETS

THROTTLED = "throttled"
"""The outcome of a request that was turned away because its sender came too often."""

Kind = tuple[str, str, str]


class RequestCounts:
    """Belongs to one thread. Kinds are few: services, access levels and outcomes are akia's own words, never a client's."""

    def __init__(self) -> None:
        self._counted: dict[Kind, list[float]] = {}

    def count(self, kind: Kind, seconds: float) -> None:
        """Count a request of `kind`: service, access level, outcome."""
        try:
            row = self._counted[kind]
        except KeyError:
            row = self._counted[kind] = [0] * _BUCKETS + [0.0]
        row[bisect_left(BOUNDS, seconds)] += 1
        row[_SECONDS] += seconds

    def total(self, outcome: str) -> int:
        """How many requests have had this outcome."""
        return int(sum(sum(row[:_BUCKETS]) for (_, _, had), row in self._counted.items() if had == outcome))

    def samples(self) -> Iterator[Sample]:
        """Everything that was counted."""
        for (service, access, outcome), row in sorted(self._counted.items()):
            labels = (("service", service), ("access", access), ("outcome", outcome))
            so_far = list(accumulate(row[:_BUCKETS]))
            yield Sample("akia_requests_total", labels, so_far[-1])
            for bound, number in zip([*map(repr, BOUNDS), "+Inf"], so_far, strict=True):
                yield Sample("akia_request_seconds_bucket", (*labels, ("le", bound)), number)
            yield Sample("akia_request_seconds_sum", labels, row[_SECONDS])
            yield Sample("akia_request_seconds_count", labels, so_far[-1])
