"""What is told of a rotation: how far it is, what it waits for, its history, and who calls its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson

from akia.authority.rotating import KeyCaller
from akia.identity.key_rotation import HOUR_MS, RotationState
from akia.identity.rotation_course import waits_until
from akia.services.akia._akia import utc

if TYPE_CHECKING:
    from akia.identity.key_rotation import KeyRotation, RotationStep
    from akia.wire.shapes import akia as shapes

_WAITS_FOR = {
    RotationState.DISTRIBUTED: "its next look at the calls of the old key",
    RotationState.OBSERVING: "nobody to call the old key for the quiet time",
    RotationState.QUIET: "its last look at the calls of the old key",
    RotationState.OLD_INACTIVE: "nobody to call the inactive old key",
    RotationState.NEW_INACTIVE: "nobody to call the inactive new key",
}


def shown(rotation: KeyRotation) -> shapes.KeyRotation:
    """The rotation as operations answer it."""
    told: dict[str, Any] = {
        "RotationId": rotation.id,
        "State": rotation.state,
        "UserName": rotation.user_name,
        "OldAccessKeyId": rotation.old_key,
        "NewAccessKeyId": rotation.new_key,
        "StartedAt": utc(rotation.started_ms),
        "StartedBy": rotation.started_by,
        "QuietHours": rotation.quiet_ms / HOUR_MS,
        "InactiveHours": rotation.inactive_ms / HOUR_MS,
        "Targets": rotation.target_names,
        "DeliveredTargets": rotation.delivered_names,
        "StateSince": utc(rotation.since_ms),
        **_calls(rotation.old_called_ms, rotation.new_called_ms),
    }
    until = waits_until(rotation)
    optional = {"WaitsFor": _waits_for(rotation), "WaitsUntil": utc(until) if until else None, "Problem": rotation.problem}
    told |= {name: value for name, value in optional.items() if value}
    return cast("shapes.KeyRotation", told | ({"EndedAt": utc(rotation.ended_ms)} if rotation.ended_ms else {}))


def _waits_for(rotation: KeyRotation) -> str:
    if rotation.is_over:
        return ""
    if rotation.missing:
        return f"the target {rotation.missing[0]} to take the key"
    if rotation.state == RotationState.OPEN:
        return "ConfirmKeyDistribution" if not rotation.target_names else "its next look"
    return _WAITS_FOR.get(RotationState(rotation.state), "nobody to call the new key for the quiet time")


def _calls(old_ms: int, new_ms: int) -> dict[str, Any]:
    return {name: utc(ms) for name, ms in (("OldKeyLastCalledAt", old_ms), ("NewKeyLastCalledAt", new_ms)) if ms}


def told_step(step: RotationStep) -> shapes.RotationHistoryEntry:
    """One step that was taken, with its evidence."""
    known = orjson.loads(step.evidence)
    told: dict[str, Any] = {"At": utc(step.at_ms), "To": step.after, "Reason": step.reason, "By": step.who}
    optional = {"From": step.before, "OldKeyStatus": known["old"], "NewKeyStatus": known["new"]}
    told |= {name: value for name, value in optional.items() if value}
    told |= _calls(known["old_called_ms"], known["new_called_ms"])
    callers = [told_caller(KeyCaller(**caller)) for caller in known["callers"]]
    return cast("shapes.RotationHistoryEntry", told | {"Callers": callers})


def told_caller(caller: KeyCaller) -> shapes.RotationCaller:
    """Somebody who calls a key."""
    return {
        "AccessKeyId": caller.key_id,
        "SourceIPAddress": caller.address,
        "UserAgent": caller.agent,
        "Action": caller.action,
        "Count": caller.count,
        "LastSeen": utc(caller.last_ms),
        "Refused": caller.refused,
    }
