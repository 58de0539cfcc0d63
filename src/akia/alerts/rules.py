"""Every rule there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts.bursts import bursts
from akia.alerts.habits import habits
from akia.alerts.limits import LimitNearlyUsed
from akia.alerts.overlap import Overlap
from akia.alerts.singles import CredentialsExposed, DeadKey, Honeytoken, KeyExpires, RootUser
from akia.alerts.thresholds import Thresholds
from akia.alerts.widening import Widening

if TYPE_CHECKING:
    from collections.abc import Collection

    from akia.alerts.rule import Rule
    from akia.alerts.widening import Judge


def rules(thresholds: Thresholds, judge: Judge, off: Collection[str] = ()) -> list[Rule]:
    """Those that are not `off`, by name."""
    every: list[Rule] = [
        *habits(thresholds),
        *bursts(thresholds),
        DeadKey(),
        RootUser(),
        Honeytoken(),
        CredentialsExposed(),
        LimitNearlyUsed(),
        KeyExpires(),
        Overlap(thresholds),
        Widening(judge),
    ]
    return [rule for rule in every if rule.name not in off]


class _Nobody:
    def widens(self, kind: object, new: str, former: str) -> bool:
        return False

    def is_dangerous(self, kind: object, new: str) -> bool:
        return False

    def denies(self, text: str) -> bool:
        return False


NAMES = tuple(rule.name for rule in rules(Thresholds(), _Nobody()))
