"""A limit that is nearly used up, or has turned somebody away: it is too low, or somebody runs wild (G3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts.finding import Severity
from akia.alerts.wording import call, plain, where, who

if TYPE_CHECKING:
    from akia.alerts.rule import Answer, State
    from akia.alerts.sighting import Known, Sighting


class LimitNearlyUsed:
    """Told from four fifths on. Of what holds for each key or principal by itself, the one that uses it up is told."""

    name = "limit-nearly-used"
    severity = Severity.LOW
    remembers_seconds = 0
    heeds_repetition = False

    def subject(self, seen: Sighting, known: Known) -> str:
        if not seen.limit or not seen.verified:
            return ""
        return seen.account if seen.limit.get("scope") == "ACCOUNT_OPERATION" else seen.actor or seen.arn or seen.account

    def detail(self, seen: Sighting) -> str:
        return f"{seen.limit.get('scope', '')} {seen.limit.get('of', '')}"

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        reached = "has turned a call away" if seen.limit.get("exceeded") else f"is used up by {seen.limit.get('usedPercent', 0)} %"
        return None, f"The limit {plain(self.detail(seen))} {reached}: {call(seen)} by {who(seen)} from {where(seen)}."
