"""Figures: what several runs of one case at one server come down to, and the collection of them all."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.load import Run


@dataclass(frozen=True, slots=True)
class Figures:
    """One case at one server. `cpu_us`: CPU time of all the server's processes for one request, in microseconds. `rate`: requests a second.

    `cold_cpu_us` is the same for the first request of each key after a start, or None where that was not measured.
    """

    cpu_us: float
    rate: float
    p50_ms: float
    p99_ms: float
    requests: int
    cold_cpu_us: float | None = None


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that at least `percent` per cent of the values do not exceed.

    Raises ValueError if there are no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(len(values) * percent / 100) - 1, 0)]


def summarize(runs: Sequence[Run], cold: Run | None = None) -> Figures:
    """Medians of CPU and rate over the runs, latencies over all their requests. Raises ValueError without a run."""
    latencies = [latency for run in runs for latency in run.latencies]
    return Figures(
        cpu_us=statistics.median(run.cpu_per_request for run in runs) * 1e6,
        rate=statistics.median(run.rate for run in runs),
        p50_ms=percentile(latencies, 50) * 1e3,
        p99_ms=percentile(latencies, 99) * 1e3,
        requests=len(latencies),
        cold_cpu_us=cold.cpu_per_request * 1e6 if cold else None,
    )


@dataclass(slots=True)
class Results:
    """Everything one run found: `figures` by case and server, `values` by name (with the unit), `failures` by case with the reason."""

    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)

    def add(self, case: str, server: str, figures: Figures) -> None:
        self.figures.setdefault(case, {})[server] = figures

    def cpu(self, case: str, server: str) -> float:
        """CPU microseconds a request. Raises KeyError if that was not measured."""
        return self.figures[case][server].cpu_us

    def rate(self, case: str, server: str) -> float:
        """Requests a second. Raises KeyError if that was not measured."""
        return self.figures[case][server].rate
