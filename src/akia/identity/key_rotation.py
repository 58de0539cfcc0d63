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
from dataclasses import dataclass, replace
from enum import StrEnum

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
LOOK_MS = HOUR_MS
"""So long at most nobody looks at a rotation that only waits: less than events are kept for at least."""
FIRST_RETRY_MS, LONGEST_RETRY_MS = MINUTE_MS, HOUR_MS


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
        """Whether anybody but the store may hold the new key: it was called, or something has begun to distribute it."""
        return self.state != RotationState.OPEN or bool(self.new_called_ms or self.attempts or self.delivered_names)


@dataclass(frozen=True, slots=True)
class KeySeen:
    """What is seen of a key: whether it is there and active, its latest proven call, and the latest refused one of those who proved to
    hold it while it was inactive (0: none)."""

    exists: bool = True
    active: bool = True
    called_ms: int = 0
    refused_ms: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of both keys."""

    old: KeySeen
    new: KeySeen


@dataclass(frozen=True, slots=True)
class Step:
    """To the state `to`. In the same transaction the keys `still` (made inactive), `wake` (made active) and `delete` ("" for none) change.
    `alert`: somebody should know. `deliver` is a target to deliver to: the only step that is taken outside, and told by `delivered`."""

    to: RotationState
    reason: Reason
    still: str = ""
    wake: str = ""
    delete: str = ""
    alert: bool = False
    deliver: str = ""


def observed(rotation: KeyRotation, seen: Seen) -> KeyRotation:
    """With the calls that are seen. What was seen before is not forgotten, even if its events are."""
    old, new = max(rotation.old_called_ms, seen.old.called_ms), max(rotation.new_called_ms, seen.new.called_ms)
    return replace(rotation, old_called_ms=old, new_called_ms=new)


def next_step(rotation: KeyRotation, seen: Seen, now: int) -> Step | None:
    """The step that is due, if one is. It depends on nothing but its arguments: whoever was interrupted asks again."""
    rotation = observed(rotation, seen)
    if rotation.is_over:
        return None
    staying = _keys(rotation, seen)[1]
    if rotation.missing and staying.exists:  # first of all, since nobody has a use for a key that only the store knows
        return _delivery(rotation, now) if staying.active else None
    if not (seen.old.exists and seen.new.exists):
        return _ended_by_others(rotation, seen)
    match rotation.state:
        case RotationState.OPEN:
            return Step(RotationState.DISTRIBUTED, Reason.DELIVERED) if rotation.target_names else None
        case RotationState.DISTRIBUTED:
            return Step(RotationState.OBSERVING, Reason.WATCHED)
        case RotationState.OBSERVING:
            return Step(RotationState.QUIET, Reason.NOT_CALLED) if _may_still(rotation, seen, now) else None
        case RotationState.QUIET:
            return _last_look(rotation, seen, now)
        case RotationState.ROLLING_BACK:
            return _stilled(rotation, seen, RotationState.NEW_INACTIVE) if _may_still(rotation, seen, now) else None
        case RotationState.OLD_INACTIVE:
            return _end(rotation, seen, now, RotationState.OBSERVING, RotationState.DELETED)
    return _end(rotation, seen, now, RotationState.ROLLING_BACK, RotationState.ROLLED_BACK)


def taken(rotation: KeyRotation, step: Step, seen: Seen, now: int) -> KeyRotation:
    """The rotation after a step other than a delivery."""
    after = observed(rotation, seen)
    disowned = step.wake or step.reason in (Reason.ROLLED_BACK, Reason.ACTIVATED_BY_OTHERS)
    stilled = step.still or ("" if disowned else rotation.stilled)
    stays = step.to == rotation.state and not step.alert
    after = replace(
        after,
        state=step.to.value,
        since_ms=after.since_ms if stays else now,
        stilled=stilled,
        problem="",
        attempts=0,
        version=rotation.version + 1,
        ended_ms=now if step.to in OVER else 0,
    )
    if step.to is RotationState.ROLLING_BACK and not rotation.goes_back:
        after = replace(after, delivered="[]")  # the targets are to get the old key back
        if rotation.is_delivering and rotation.due_ms > now:  # not before a target that is getting the new one has it
            return replace(after, due_ms=rotation.due_ms)
    return replace(after, due_ms=_due(after, now))


def looked_at(rotation: KeyRotation, seen: Seen, now: int) -> KeyRotation:
    """The rotation after a look that found no step to take."""
    after = replace(observed(rotation, seen), version=rotation.version + 1)
    due = _due(after, now)
    return replace(after, due_ms=due if due > now else now + MINUTE_MS)


def confirmed(rotation: KeyRotation) -> Step | None:
    """Somebody says that whoever needs the new key has it. None if this is not what is waited for."""
    if rotation.state != RotationState.OPEN or rotation.target_names:
        return None
    return Step(RotationState.DISTRIBUTED, Reason.CONFIRMED)


def rolled_back(rotation: KeyRotation, seen: Seen) -> Step | None:
    """The first step of the way back; None if there is none. The old key is active from now on. The new one goes at once if nobody can have
    it, else it stays until nobody calls it any more."""
    rotation = observed(rotation, seen)
    if rotation.is_over or rotation.goes_back or not seen.old.exists:
        return None
    wake = "" if seen.old.active else rotation.old_key
    if not seen.new.exists:
        return Step(RotationState.ROLLED_BACK, Reason.ROLLED_BACK, wake=wake)
    if not rotation.may_be_known:
        return Step(RotationState.ROLLED_BACK, Reason.ROLLED_BACK, wake=wake, delete=rotation.new_key)
    return Step(RotationState.ROLLING_BACK, Reason.ROLLED_BACK, wake=wake)


def claimed(rotation: KeyRotation, now: int, longest_ms: int) -> KeyRotation:
    """Before a target gets the key: whoever has written this delivers, and nobody else for `longest_ms`."""
    return replace(rotation, attempts=rotation.attempts + 1, problem="", due_ms=now + longest_ms, version=rotation.version + 1)


def delivered(rotation: KeyRotation, target: str, now: int) -> KeyRotation:
    """The target has the key that stays."""
    names = [*rotation.delivered_names, target]
    text = json.dumps(names)
    return replace(rotation, delivered=text, attempts=0, problem="", due_ms=now, since_ms=now, version=rotation.version + 1)


def not_delivered(rotation: KeyRotation, problem: str, now: int) -> KeyRotation:
    """The target did not take it: it is tried again, after a while that grows."""
    wait = min(FIRST_RETRY_MS * 2 ** max(0, rotation.attempts - 1), LONGEST_RETRY_MS)
    return replace(rotation, problem=problem, due_ms=now + wait, version=rotation.version + 1)


def waits_until(rotation: KeyRotation) -> int | None:
    """When the present state can end, if nothing happens until then; None if only somebody's word ends it."""
    if rotation.is_over or (rotation.state == RotationState.OPEN and not rotation.target_names):
        return None
    if rotation.state in INACTIVE:
        return rotation.since_ms + rotation.inactive_ms
    if rotation.state == RotationState.OBSERVING or (rotation.state == RotationState.ROLLING_BACK and not rotation.missing):
        return max(rotation.since_ms, rotation.leaving_called_ms) + rotation.quiet_ms
    return rotation.due_ms


def _due(rotation: KeyRotation, now: int) -> int:
    until = waits_until(rotation)
    if rotation.is_over or until is None:
        return now + LOOK_MS
    return now if rotation.missing else min(max(until, now), now + LOOK_MS)


def _delivery(rotation: KeyRotation, now: int) -> Step | None:
    if now < rotation.due_ms:
        return None
    return Step(RotationState(rotation.state), Reason.DELIVERED, deliver=rotation.missing[0])


def _keys(rotation: KeyRotation, seen: Seen) -> tuple[KeySeen, KeySeen]:
    """The key that leaves, and the one that stays."""
    return (seen.new, seen.old) if rotation.goes_back else (seen.old, seen.new)


def _may_still(rotation: KeyRotation, seen: Seen, now: int) -> bool:
    """Whether the leaving key was silent for long enough, and there is another to use."""
    silent_since = max(rotation.since_ms, rotation.leaving_called_ms)
    return now - silent_since >= rotation.quiet_ms and _keys(rotation, seen)[1].active


def _last_look(rotation: KeyRotation, seen: Seen, now: int) -> Step:
    """Before the old key is made inactive."""
    if not seen.new.active:
        return Step(RotationState.OBSERVING, Reason.OTHER_KEY_INACTIVE)
    if rotation.old_called_ms and now - rotation.old_called_ms < rotation.quiet_ms:
        return Step(RotationState.OBSERVING, Reason.CALLED)
    return _stilled(rotation, seen, RotationState.OLD_INACTIVE)


def _stilled(rotation: KeyRotation, seen: Seen, to: RotationState) -> Step:
    """The leaving key is made inactive, unless somebody has done so already."""
    return Step(to, Reason.MADE_INACTIVE, still=rotation.leaving if _keys(rotation, seen)[0].active else "")


def _end(rotation: KeyRotation, seen: Seen, now: int, back: RotationState, end: RotationState) -> Step | None:
    """Of an inactive key: back if somebody needs it, else, when it was long enough, its end."""
    leaving, staying = _keys(rotation, seen)
    if leaving.active:
        return Step(back, Reason.ACTIVATED_BY_OTHERS)
    if leaving.refused_ms >= rotation.since_ms and rotation.stilled == rotation.leaving:
        return Step(back, Reason.CALLED_AGAIN, wake=rotation.leaving, alert=True)
    if leaving.refused_ms > rotation.since_ms:
        return Step(RotationState(rotation.state), Reason.CALLED_AGAIN, alert=True)  # who made it inactive had reasons of his own
    if now - rotation.since_ms >= rotation.inactive_ms and staying.active:
        return Step(end, Reason.NOT_CALLED, delete=rotation.leaving)
    return None


def _ended_by_others(rotation: KeyRotation, seen: Seen) -> Step:
    """A key was deleted beside the rotation: the other one is there to stay, and active again if it was the rotation that stilled it.
    Targets that hold a new key that is gone get the old one back first."""
    left = rotation.new_key if seen.new.exists else rotation.old_key if seen.old.exists else ""
    wake = left if left and left == rotation.stilled else ""
    if left != rotation.old_key:
        return Step(RotationState.DELETED, Reason.DELETED_BY_OTHERS, wake=wake, alert=True)
    astray = rotation.target_names and not rotation.goes_back and rotation.may_be_known
    to = RotationState.ROLLING_BACK if astray else RotationState.ROLLED_BACK
    return Step(to, Reason.DELETED_BY_OTHERS, wake=wake, alert=True)


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
