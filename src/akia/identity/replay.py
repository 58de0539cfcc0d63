"""Replays: the requests of a period, decided once more as if a draft of a policy were in force."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class ReplayStatus(StrEnum):
    """How far a replay has come."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    STOPPED = "STOPPED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Replay:
    """The draft `document` is tried for everybody, or for the user or role with the ARN `principal` and the id `principal_id` ("" for all).

    `replaces` is what decisions call the policy in whose place it is tried, "" if it is tried beside the others. `started` and `ended` are
    in epoch seconds, the period from `start_ms` to `end_ms` (both included) in epoch milliseconds. `position` is JSON: the last event that
    was looked at. The counts: `total` and `examined` of events, the others of decisions.
    """

    id: str
    account: str
    started: int
    document: str
    replaces: str
    principal: str
    principal_id: str
    start_ms: int
    end_ms: int
    status: str = ReplayStatus.RUNNING.value
    ended: int = 0
    position: str = ""
    total: int = 0
    examined: int = 0
    decisions: int = 0
    unanswerable: int = 0
    outdated: int = 0
    newly_allowed: int = 0
    newly_denied: int = 0

    @property
    def percent(self) -> int:
        """How much of it is done."""
        if self.status == ReplayStatus.COMPLETED:
            return 100
        return min(99, 100 * self.examined // self.total) if self.total else 0


class ReplayResult(NamedTuple):
    """One recorded decision that the draft would change. `place` tells which of the event's decisions it was.

    `recorded`, `current` and `drafted` are outcomes: of then, of the policies now in force, and of those with the draft; `statements` the
    (policy, sid, position) of those that decide with the draft. `at_ms` is in epoch milliseconds.
    """

    replay_id: str
    at_ms: int
    event_id: str
    place: int
    principal: str
    action: str
    resource: str
    recorded: str
    current: str
    drafted: str
    statements: tuple[tuple[str, str | None, int], ...]
