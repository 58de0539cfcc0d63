"""What becomes of a rotation: after a step, a look, a delivery; and when somebody is to look again. Times are in epoch milliseconds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from akia.identity.key_rotation import HOUR_MS, INACTIVE, MINUTE_MS, OVER, KeyRotation, Reason, RotationState

if TYPE_CHECKING:
    from akia.identity.rotation_steps import Seen, Step

LOOK_MS = HOUR_MS
"""So long at most nobody looks at a rotation that only waits: less than events are kept for at least."""
FIRST_RETRY_MS, LONGEST_RETRY_MS = MINUTE_MS, HOUR_MS


def observed(rotation: KeyRotation, seen: Seen) -> KeyRotation:
    """With the calls that are seen. What was seen before is not forgotten, even if its events are."""
    old, new = max(rotation.old_called_ms, seen.old.called_ms), max(rotation.new_called_ms, seen.new.called_ms)
    return replace(rotation, old_called_ms=old, new_called_ms=new)


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
