"""Which step of a rotation is due, by what is seen of its keys. Times are in epoch milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.identity.key_rotation import Reason, RotationState
from akia.identity.rotation_course import observed

if TYPE_CHECKING:
    from akia.identity.key_rotation import KeyRotation


@dataclass(frozen=True, slots=True)
class KeySeen:
    """What is seen of a key: whether it is there and active, its latest proven call, and the latest refused one of those who proved to
    hold it while it was inactive (0: none). `expired`: whatever its status is, it is refused (O1)."""

    exists: bool = True
    active: bool = True
    called_ms: int = 0
    refused_ms: int = 0
    expired: bool = False

    @property
    def works(self) -> bool:
        return self.exists and self.active and not self.expired


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


def next_step(rotation: KeyRotation, seen: Seen, now: int) -> Step | None:
    """The step that is due, if one is. It depends on nothing but its arguments: whoever was interrupted asks again."""
    rotation = observed(rotation, seen)
    if rotation.is_over:
        return None
    staying = _keys(rotation, seen)[1]
    if rotation.missing and staying.exists:  # first of all, since nobody has a use for a key that only the store knows
        return _delivery(rotation, now) if staying.works else None
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


def confirmed(rotation: KeyRotation) -> Step | None:
    """Somebody says that whoever needs the new key has it. None if this is not what is waited for."""
    if rotation.state != RotationState.OPEN or rotation.target_names:
        return None
    return Step(RotationState.DISTRIBUTED, Reason.CONFIRMED)


def rolled_back(rotation: KeyRotation, seen: Seen) -> Step | None:
    """The first step of the way back; None if there is none. The old key is active from now on. The new one goes at once if nobody can have
    it, else it stays until nobody calls it any more. To a key that has expired there is no way back: it would be the only one."""
    rotation = observed(rotation, seen)
    if rotation.is_over or rotation.goes_back or not seen.old.exists or seen.old.expired:
        return None
    wake = "" if seen.old.active else rotation.old_key
    if not seen.new.exists:
        return Step(RotationState.ROLLED_BACK, Reason.ROLLED_BACK, wake=wake)
    if not rotation.may_be_known:
        return Step(RotationState.ROLLED_BACK, Reason.ROLLED_BACK, wake=wake, delete=rotation.new_key)
    return Step(RotationState.ROLLING_BACK, Reason.ROLLED_BACK, wake=wake)


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
    return now - silent_since >= rotation.quiet_ms and _keys(rotation, seen)[1].works


def _last_look(rotation: KeyRotation, seen: Seen, now: int) -> Step:
    """Before the old key is made inactive."""
    if not seen.new.works:
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
    if now - rotation.since_ms >= rotation.inactive_ms and staying.works:
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
