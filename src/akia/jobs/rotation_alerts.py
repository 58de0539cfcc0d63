"""What the trail and the alerts are told of a rotation's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts import Finding, Severity
from akia.authority.operator import Operator
from akia.identity.key_rotation import Reason
from akia.store.indexer import to_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.identity.key_rotation import KeyRotation
    from akia.identity.rotation_steps import Seen, Step
    from akia.store.store import Store

CALLED_AGAIN, ENDED, STUCK, DUE = "rotation-key-called-again", "rotation-ended-by-others", "rotation-not-delivered", "key-due-for-rotation"
"""The rules that rotations have in place of one that looks at events."""


def events_of(rotation: KeyRotation, step: Step, user_name: str, who: str) -> Iterator[bytes]:
    """The events of what a step does to keys of the user who is called `user_name` now, as if somebody had called IAM."""
    by = Operator(rotation.account, who)
    for key, status in ((step.wake, "Active"), (step.still, "Inactive")):
        if key:
            parameters = {"userName": user_name, "accessKeyId": key, "status": status}
            yield to_payload(by.did("UpdateAccessKey", parameters, None, _about(user_name, key)))
    if step.delete:
        yield to_payload(by.deleted_key(step.delete, user_name))


def _about(user_name: str, key: str) -> tuple[tuple[str, str], ...]:
    return ("AWS::IAM::AccessKey", key), ("AWS::IAM::User", user_name)


def finding_of(rotation: KeyRotation, step: Step, found: Seen, store: Store, now: int) -> Finding:
    """The alert that a step raises. `now` in epoch milliseconds."""
    if step.reason is Reason.DELETED_BY_OTHERS:
        gone = rotation.old_key if not found.old.exists else rotation.new_key
        told = f"The access key {gone} of {rotation.user_name} was deleted by somebody while it was being rotated: {step.to}."
        return Finding(ENDED, Severity.MEDIUM, rotation.account, gone, rotation.id, told, "", now)
    key = rotation.leaving
    refused = store.called_keys.refused(rotation.account, key, rotation.since_ms)
    done = "it is active again, and its rotation waits" if step.wake else "somebody else has made it inactive, so it stays so"
    told = f"The access key {key} of {rotation.user_name} was called while it was inactive and about to be deleted: {done}."
    event, at_ms = (refused.event_id, refused.at_ms) if refused is not None else ("", now)
    return Finding(CALLED_AGAIN, Severity.HIGH, rotation.account, key, rotation.id, told, event, at_ms)


def stuck(rotation: KeyRotation, target: str, problem: str, now: int) -> Finding:
    """A target that does not take the key, again and again."""
    told = f"The access key {rotation.staying} of {rotation.user_name} cannot be delivered to {target}: {problem}."
    return Finding(STUCK, Severity.MEDIUM, rotation.account, rotation.staying, target, told, "", now)
