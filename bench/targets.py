"""The targets: each a number, a limit, and where the number comes from. Missing one is news, not an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.cases import ACCESS_KEYS, WRITERS
from bench.growth import IN_PROCESS, KEYS, STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.figures import Results

FSYNC = "fdatasync of 4 kB (s)"
AUDIT, AUDITED, UNAUDITED = "GetCallerIdentity, recorded or not", "recorded", "not recorded"
JOURNALED, APPENDED = "events to the disk by the journal (1/s)", "events to the disk by a plain append and fsync (1/s)"
LOOKED_UP = "LookupEvents by access key among {} events, p{} (s)"
DELIVERED = "events of a trail written, delivered and digested (1/s)"
DELIVERY_MEMORY = "memory that a trail's delivery takes beyond its first tenth (bytes)"
LAYERED, AMONG = "decision with all layers", "decision among statements"
THIRTY_STARS, WORST = "30-star wildcard against 10 kB (s)", "slowest policy within the quotas (s)"
WORST_OF_TWENTY = "slowest twenty managed policies within the quotas (s)"


@dataclass(frozen=True, slots=True)
class Target:
    """`measure` reads the number from the results, or raises KeyError if the run did not take it. `most`: the limit is an upper one."""

    text: str
    measure: Callable[[Results], float]
    limit: float
    stretch: float | None = None
    most: bool = True
    unit: str = "times"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target: the number seen, and how it stands to the limit and the stretch goal."""

    target: Target
    seen: float

    @property
    def met(self) -> bool:
        return self._within(self.target.limit)

    @property
    def stretched(self) -> bool:
        return self.target.stretch is not None and self._within(self.target.stretch)

    def _within(self, limit: float) -> bool:
        return self.seen <= limit if self.target.most else self.seen >= limit


def _cpu(case: str, first: str, second: str) -> Callable[[Results], float]:
    return lambda results: results.cpu(case, first) / results.cpu(case, second)


def _p50(case: str, first: str, second: str) -> Callable[[Results], float]:
    return lambda results: results.figures[case][first].p50_ms / results.figures[case][second].p50_ms


def _of_values(first: str, second: str) -> Callable[[Results], float]:
    return lambda results: results.values[first] / results.values[second]


def _rate(case: str, peer: str) -> Callable[[Results], float]:
    return lambda results: results.rate(case, "akia") / results.rate(case, peer)


def _value(name: str, scale: float = 1.0) -> Callable[[Results], float]:
    return lambda results: results.values[name] * scale


def _of_disk(results: Results) -> float:
    return results.rate(ACCESS_KEYS, "akia") * results.values[FSYNC] / WRITERS


def _reads(case: str) -> tuple[Target, ...]:
    return (
        Target(f"{case}: CPU per request beside the floor's", _cpu(case, "akia", "floor"), 2.5, 1.8),
        Target(f"{case}: rate beside moto's", _rate(case, "moto"), 25, 40, most=False),
        Target(f"{case}: rate beside ministack's", _rate(case, "ministack"), 8, most=False),
    )


TARGETS = (
    *_reads("GetCallerIdentity"),
    *_reads("GetUser"),
    Target("CreateAccessKey, durable: rate beside moto's in memory, 8 connections", _rate(ACCESS_KEYS, "moto"), 8, most=False),
    Target("CreateAccessKey, durable: rate beside 8 connections ÷ fdatasync", _of_disk, 0.5, most=False),
    Target("ListUsers of 1,000: rate beside moto's", _rate("ListUsers", "moto"), 100, most=False),
    Target("1,000,000 keys beside 100: CPU of verify+authorize, warm", _cpu(IN_PROCESS.format(KEYS), "1000000", "100"), 1.15),
    Target("Cold look-up among 1,000,000 keys", _value("cold look-up among 1000000 keys (s)", 1e6), 100, unit="µs"),
    Target("10,000 statements beside 100: CPU of verify+authorize, warm", _cpu(IN_PROCESS.format(STATEMENTS), "10000", "100"), 1.5),
    Target("A decision with all layers: CPU beside the floor's for a request", _cpu(LAYERED, "akia", "floor"), 0.8),
    Target("10,000 statements beside 100: CPU of a decision, warm", _cpu(AMONG, "10000", "100"), 2),  # log 10,000 ÷ log 100
    Target("A 30-star wildcard against 10 kB", _value(THIRTY_STARS, 1e3), 1, unit="ms"),
    Target("The slowest decision of a policy within the quotas", _value(WORST, 1e3), 5, unit="ms"),
    Target("Recording a call: CPU beside the same call unrecorded", _cpu(AUDIT, AUDITED, UNAUDITED), 1.35),
    Target("Recording a call: p50 beside the same call unrecorded, 64 connections", _p50(AUDIT, AUDITED, UNAUDITED), 1.35),
    Target("Events to the disk: rate beside a plain append with an fsync for each batch", _of_values(JOURNALED, APPENDED), 1, most=False),
    Target("LookupEvents by access key among 5,000,000 events, median", _value(LOOKED_UP.format(5_000_000, 50), 1e3), 50, unit="ms"),
    Target("A trail delivers: memory beyond that of its first tenth", _value(DELIVERY_MEMORY, 1e-6), 20, unit="MB"),
    Target("First answer after the start, on existing data", _value("start-up of akia (s)"), 1, unit="s"),
    Target("Memory with one worker (PSS)", _value("memory of akia (bytes, PSS)", 1e-6), 110, unit="MB"),
)


def judge(results: Results) -> list[Verdict]:
    """A verdict on every target whose number this run took."""
    verdicts = []
    for target in TARGETS:
        try:
            verdicts.append(Verdict(target, target.measure(results)))
        except KeyError:
            continue
    return verdicts
