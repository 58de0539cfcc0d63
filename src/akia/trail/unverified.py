"""Callers who never verified: the first few of a source in a minute have events of their own, the rest are counted.

A flood of unsigned or forged requests must not fill the disk, and must not go unseen either.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OWN_EVENTS = 20
"""How many refusals of one source in one minute are recorded one by one."""
MOST_SOURCES = 10_000
"""How many sources are told apart in one minute. Beyond that they share one count."""


@dataclass(frozen=True, slots=True)
class Surplus:
    """Refusals that have no event of their own: from where, in which minute (epoch seconds of its start), how many of each error code."""

    source: str
    minute: int
    counts: dict[str, int]


@dataclass(slots=True)
class UnverifiedCallers:
    """Counts per source and minute. Memory is bounded by MOST_SOURCES."""

    _minute: int = 0
    _seen: dict[str, int] = field(default_factory=dict)
    _surplus: dict[str, dict[str, int]] = field(default_factory=dict)
    _finished: list[Surplus] = field(default_factory=list)

    def deserves_event(self, source: str, code: str, now: float) -> bool:
        """Count one refusal at `now` (epoch seconds). True if it is among the source's first of the minute."""
        self._turn_to(int(now) // 60 * 60)
        if source not in self._seen and len(self._seen) >= MOST_SOURCES:
            source = "other sources"
        seen = self._seen[source] = self._seen.get(source, 0) + 1
        if seen <= OWN_EVENTS:
            return True
        counts = self._surplus.setdefault(source, {})
        counts[code] = counts.get(code, 0) + 1
        return False

    def finished(self, now: float) -> list[Surplus]:
        """The counts of the minutes that are over at `now`, each told once."""
        self._turn_to(int(now) // 60 * 60)
        finished, self._finished = self._finished, []
        return finished

    def _turn_to(self, minute: int) -> None:
        if minute > self._minute:
            self._finished += [Surplus(source, self._minute, counts) for source, counts in self._surplus.items()]
            self._minute, self._seen, self._surplus = minute, {}, {}
