"""One key in two places at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts.finding import Severity
from akia.alerts.networks import are_distant, network_of
from akia.alerts.wording import plain, who

if TYPE_CHECKING:
    from akia.alerts.rule import Answer, State
    from akia.alerts.sighting import Known, Sighting
    from akia.alerts.thresholds import Thresholds


_SECOND_MS = 1_000
"""How exactly it is remembered when a key was used: more would be a write for every request. Whole seconds lie apart by at most what is
asked for if the moments do, so nothing is missed."""


class Overlap:
    """A key or session is used from one network, and within seconds from a distant one. No learning: two hands are two hands."""

    name = "impossible-overlap"
    severity = Severity.HIGH
    heeds_repetition = True

    def __init__(self, thresholds: Thresholds) -> None:
        self._within_ms = thresholds.overlap_seconds * 1000
        self.remembers_seconds = max(3_600, thresholds.overlap_seconds)

    def subject(self, seen: Sighting, known: Known) -> str:
        return seen.access_key_id if seen.actor and network_of(seen.source_ip) else ""

    def detail(self, seen: Sighting) -> str:
        return ""

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        at_ms = seen.at_ms // _SECOND_MS * _SECOND_MS
        after = {"from": seen.source_ip, "at": at_ms}
        if state is None:
            return after, None
        apart_ms = abs(at_ms - state["at"])  # events may come in late
        if apart_ms > self._within_ms or seen.source_ip == state["from"] or not are_distant(seen.source_ip, state["from"]):
            return after, None
        places = f"{plain(state['from'])} and {plain(seen.source_ip)}"
        return after, f"{who(seen)} was used from {places} within {max(1, apart_ms // 1000)} seconds: it is in two hands."
