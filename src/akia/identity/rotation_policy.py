"""What an account has decided about the age of its access keys: rotate them, or remind somebody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DAY_MS = 86_400_000
REMINDER_DAYS = (30, 14, 7, 1, 0)
"""How long before a key is due somebody is told (G6); 0: it is due."""


class RotationMode(StrEnum):
    ROTATE = "ROTATE"
    REMIND = "REMIND"


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """One of an account. Keys are due when they are `every_days` old; `quiet_ms` and `inactive_ms` are those of the rotations."""

    account: str
    mode: str
    every_days: int
    quiet_ms: int
    inactive_ms: int

    def due_ms(self, created: int) -> int:
        """When a key that was made at `created` (epoch seconds) is due, in epoch milliseconds."""
        return created * 1000 + self.every_days * DAY_MS

    def looks_from(self, now_ms: int) -> int:
        """Keys that were made later (epoch seconds) are nobody's concern yet."""
        return (now_ms - max(0, self.every_days - REMINDER_DAYS[0]) * DAY_MS) // 1000

    def stage(self, created: int, now_ms: int) -> int | None:
        """Which of REMINDER_DAYS has come for a key; None if none has. A policy of few days has no reminders that would come at once."""
        left = self.due_ms(created) - now_ms
        come = [days for days in REMINDER_DAYS if left <= days * DAY_MS and days < self.every_days]
        return min(come) if come else None


@dataclass(frozen=True, slots=True)
class RotationReminder:
    """The latest of REMINDER_DAYS that somebody was told about a key."""

    key_id: str
    days: int
