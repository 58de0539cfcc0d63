"""The rotation of an access key as one state machine: pure, so that the server, the command line and the schedule take the same steps.

    OPEN -> DISTRIBUTED -> OBSERVING -> QUIET -> OLD_INACTIVE -> DELETED
              OBSERVING <- (called again) <- OLD_INACTIVE
    OPEN ... OLD_INACTIVE -> ROLLING_BACK -> NEW_INACTIVE -> ROLLED_BACK

Two keys stand in it. One is to stay, the other to leave: the new and the old one on the way forward, the other way round on the way back.
Whichever leaves is made inactive only after nobody has called it for the quiet time, and deleted only after nobody has called it for the
inactive time; in between a call brings it back. So no step takes a key from somebody who uses it and leaves no other to them, and a roll
back takes as much care of those who use the new key already. Times are in epoch milliseconds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


class RotationState(StrEnum):
    """How far a rotation has come."""

    OPEN = "OPEN"
    DISTRIBUTED = "DISTRIBUTED"
    OBSERVING = "OBSERVING"
    QUIET = "QUIET"
    OLD_INACTIVE = "OLD_INACTIVE"
    DELETED = "DELETED"
    ROLLING_BACK = "ROLLING_BACK"
    NEW_INACTIVE = "NEW_INACTIVE"
    ROLLED_BACK = "ROLLED_BACK"


OVER = frozenset({RotationState.DELETED, RotationState.ROLLED_BACK})
BACKWARD = frozenset({RotationState.ROLLING_BACK, RotationState.NEW_INACTIVE, RotationState.ROLLED_BACK})
INACTIVE = frozenset({RotationState.OLD_INACTIVE, RotationState.NEW_INACTIVE})
"""In these a call of the inactive key must be noticed at once."""


class Reason(StrEnum):
    """Why a step was taken. Words of the history."""

    STARTED = "STARTED"
    DELIVERED = "DELIVERED"
    CONFIRMED = "CONFIRMED"
    WATCHED = "WATCHED"
    NOT_CALLED = "NOT_CALLED"
    CALLED = "CALLED"
    CALLED_AGAIN = "CALLED_AGAIN"
    MADE_INACTIVE = "MADE_INACTIVE"
    ACTIVATED_BY_OTHERS = "ACTIVATED_BY_OTHERS"
    DELETED_BY_OTHERS = "DELETED_BY_OTHERS"
    OTHER_KEY_INACTIVE = "OTHER_KEY_INACTIVE"
    UNUSED = "UNUSED"
    ROLLED_BACK = "ROLLED_BACK"


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """One rotation of the key `old_key` of the user with the unique id `owner`, who was called `user_name` when it began.

    `targets` and `delivered` are JSON lists of the names of targets: all, and those that have the key that stays. Without targets somebody
    else distributes the new key and says so. `since_ms` is when the state began, or when that which it waits for was last disturbed.
    `old_called_ms` and `new_called_ms` are the latest proven calls that a step has seen, 0 for none. `stilled` is the key that the rotation
    itself has made inactive, "" for none: only such a key is brought back. `due_ms` is when somebody is to look at it, and whose turn it is
    while a target gets the key; `attempts` are its failures in a row and `problem` the last one. `version` counts the writes.
    """

    id: str
    account: str
    owner: str
    user_name: str
    old_key: str
    new_key: str
    started_ms: int
    started_by: str
    quiet_ms: int
    inactive_ms: int
    targets: str = "[]"
    state: str = RotationState.OPEN.value
    delivered: str = "[]"
    since_ms: int = 0
    old_called_ms: int = 0
    new_called_ms: int = 0
    stilled: str = ""
    attempts: int = 0
    problem: str = ""
    due_ms: int = 0
    version: int = 0
    ended_ms: int = 0

    @property
    def target_names(self) -> list[str]:
        found: list[str] = json.loads(self.targets)
        return found

    @property
    def delivered_names(self) -> list[str]:
        found: list[str] = json.loads(self.delivered)
        return found

    @property
    def missing(self) -> list[str]:
        """The targets that have not got the key that stays."""
        delivered = set(self.delivered_names)
        return [name for name in self.target_names if name not in delivered]

    @property
    def is_delivering(self) -> bool:
        """Whether somebody is about to deliver, or was when he died."""
        return bool(self.attempts) and not self.problem

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def goes_back(self) -> bool:
        return self.state in BACKWARD

    @property
    def leaving(self) -> str:
        """The key that is to go."""
        return self.new_key if self.goes_back else self.old_key

    @property
    def staying(self) -> str:
        return self.old_key if self.goes_back else self.new_key

    @property
    def leaving_called_ms(self) -> int:
        return self.new_called_ms if self.goes_back else self.old_called_ms

    @property
    def may_be_known(self) -> bool:
        """Whether anybody may use the new key: it was called, something has begun to distribute it, or somebody says that it is."""
        return self.state != RotationState.OPEN or bool(self.new_called_ms or self.attempts or self.delivered_names)


@dataclass(frozen=True, slots=True)
class RotationStep:
    """One entry of a rotation's history. `before` is "" for its start; `who` took the step; `evidence` is JSON: what was seen then."""

    rotation_id: str
    number: int
    at_ms: int
    before: str
    after: str
    reason: str
    who: str
    evidence: str
