"""What the steps of a rotation mean in the store. `akia.identity.rotation_steps` says which are due; operations and a job take them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from akia.authority.issuing import issue_successor
from akia.authority.key_deletion import delete_key
from akia.authority.key_in_force import UNRESTRICTED, validity_of
from akia.aws.ids import new_guid
from akia.identity.access_key import KeyStatus
from akia.identity.key_rotation import KeyRotation, Reason, RotationState, RotationStep
from akia.identity.rotation_course import taken
from akia.identity.rotation_steps import KeySeen, Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.authority.issuing import Issued
    from akia.identity.access_key import AccessKey
    from akia.identity.quotas import Quotas
    from akia.identity.rotation_steps import Step
    from akia.identity.user import User
    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow

EVENTS_LOOKED_AT = 1_000
MOST_CALLERS = 50
_SUFFIX = ".amazonaws.com"


class AlreadyRotating(Exception):
    """One key of the user is being replaced already."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new rotation is to be like. Times are in milliseconds; `who` begins it."""

    targets: Sequence[str]
    quiet_ms: int
    inactive_ms: int
    who: str


@dataclass(slots=True)
class KeyCaller:
    """Somebody who calls a key: from where, with what, for what; how often, and when last (epoch milliseconds)."""

    key_id: str
    address: str
    agent: str
    action: str
    refused: bool
    count: int = field(default=0)
    last_ms: int = field(default=0)


def begin(store: Store, quotas: Quotas, key: AccessKey, user: User, plan: Beginning, now: int) -> tuple[KeyRotation, Issued]:
    """Open a rotation of `key`, with a new key in the slot that it has (O15). `now` is in epoch milliseconds.

    Call it inside a write transaction. Raises AlreadyRotating, LimitExceeded.
    """
    if store.rotations.open_of(user.id) is not None:
        raise AlreadyRotating
    issued = issue_successor(store, quotas, key, now // 1000)
    targets = orjson.dumps(list(plan.targets)).decode()
    names = user.id, user.name, key.id, issued.key.id
    rotation = KeyRotation(
        new_guid(), key.account, *names, now, plan.who, plan.quiet_ms, plan.inactive_ms, targets, since_ms=now, due_ms=now
    )
    store.rotations.start(rotation, _entry(store, rotation, "", rotation, Reason.STARTED, plan.who, now))
    return rotation, issued


def seen(store: Store, rotation: KeyRotation, now: int) -> Seen:
    """Both keys as they are in `store` `now` (epoch milliseconds), and their calls as far as their events are indexed."""
    keys = (rotation.old_key, rotation.old_called_ms), (rotation.new_key, rotation.new_called_ms)
    return Seen(*(_seen(store, rotation, key_id, called_ms, now) for key_id, called_ms in keys))


def _seen(store: Store, rotation: KeyRotation, key_id: str, called_ms: int, now: int) -> KeySeen:
    key = store.access_keys.get(key_id)
    called = store.called_keys.latest(rotation.account, key_id, max(rotation.started_ms, called_ms))
    if key is None:
        return KeySeen(exists=False, active=False, called_ms=called)
    active = key.status is KeyStatus.ACTIVE
    refused = None if active else store.called_keys.refused(rotation.account, key_id, rotation.since_ms)
    expired = validity_of(key, store.restricted_keys.get(key_id) or UNRESTRICTED, store).has_ended(now / 1000)
    return KeySeen(active=active, called_ms=called, refused_ms=refused.at_ms if refused is not None else 0, expired=expired)


def is_disturbed(store: Store, rotation: KeyRotation, after: int) -> bool:
    """Whether somebody has called the inactive key of `rotation`, or changed what its keys are: a quick look at one that waits. It has
    seen the events up to the one numbered `after`."""
    leaving = store.access_keys.get(rotation.leaving)
    if leaving is None or leaving.status is KeyStatus.ACTIVE or store.access_keys.get(rotation.staying) is None:
        return True
    return store.called_keys.refused(rotation.account, rotation.leaving, rotation.since_ms, after) is not None


def take(store: Store, rotation: KeyRotation, step: Step, found: Seen, who: str, now: int) -> KeyRotation | None:
    """Take `step` inside the write transaction that is open on `store`: the keys, the rotation and its history change together.

    None if somebody else has written the rotation meanwhile; nothing has changed then.
    """
    after = taken(rotation, step, found, now)
    if not store.rotations.advance(rotation, after, _entry(store, after, rotation.state, after, step.reason, who, now)):
        return None
    if step.wake:
        store.access_keys.set_status(step.wake, KeyStatus.ACTIVE, by_rotation=True)
    if step.still:
        store.access_keys.set_status(step.still, KeyStatus.INACTIVE, by_rotation=True)
    old = store.access_keys.get(step.delete) if step.delete else None
    if old is not None:
        delete_key(store, old, now // 1000)
    return after


def _entry(store: Store, rotation: KeyRotation, before: str, after: KeyRotation, reason: Reason, who: str, now: int) -> RotationStep:
    evidence = orjson.dumps(_evidence(store, rotation)).decode()
    return RotationStep(rotation.id, after.version, now, before, after.state, reason.value, who, evidence)


def _evidence(store: Store, rotation: KeyRotation) -> dict[str, Any]:
    """What was known of both keys when the step was taken, just before it changed them: it outlives keys and events."""
    return {
        "old": _standing(store, rotation.old_key),
        "new": _standing(store, rotation.new_key),
        "old_called_ms": rotation.old_called_ms,
        "new_called_ms": rotation.new_called_ms,
        "callers": [_plain(caller) for caller in callers(store, rotation)],
    }


def _standing(store: Store, key_id: str) -> str:
    key = store.access_keys.get(key_id)
    return key.status.value if key is not None else ""


def _plain(caller: KeyCaller) -> dict[str, Any]:
    return {name: getattr(caller, name) for name in KeyCaller.__slots__}


def callers(store: Store, rotation: KeyRotation) -> list[KeyCaller]:
    """Who has called the key that is to leave since the rotation began or, once the other one was handed out, since then; who was last
    comes first. The newest EVENTS_LOOKED_AT calls are looked at."""
    since = rotation.started_ms if rotation.state == RotationState.OPEN else _handed_out_ms(store, rotation)
    found: dict[tuple[str, str, str, bool], KeyCaller] = {}
    for event in store.called_keys.recent(rotation.account, rotation.leaving, since, EVENTS_LOOKED_AT):
        address, agent, action = _told(event)
        key = address, agent, action, not event.verified
        if key not in found and len(found) < MOST_CALLERS:
            found[key] = KeyCaller(rotation.leaving, *key, last_ms=event.at_ms)
        if key in found:
            found[key].count += 1
    return list(found.values())


def _handed_out_ms(store: Store, rotation: KeyRotation) -> int:
    wanted = RotationState.ROLLING_BACK if rotation.goes_back else RotationState.DISTRIBUTED
    return next((step.at_ms for step in store.rotations.history(rotation.id) if step.after == wanted), rotation.started_ms)


def _told(event: EventRow) -> tuple[str, str, str]:
    record = orjson.loads(event.record)
    source = event.source.removesuffix(_SUFFIX)
    return str(record.get("sourceIPAddress") or ""), str(record.get("userAgent") or ""), f"{source}:{event.name}"
