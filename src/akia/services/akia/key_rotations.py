"""Rotations of access keys: StartKeyRotation, ConfirmKeyDistribution, GetKeyRotation, ListKeyRotations, AdvanceKeyRotation,
RollBackKeyRotation. The steps between are taken beside requests (`akia.jobs.rotate_keys`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import orjson

from akia.authority import rotating
from akia.authority.rotating import AlreadyRotating, Beginning
from akia.aws.errors import LimitExceeded, ValidationError
from akia.identity import key_rotation as engine
from akia.identity.key_rotation import HOUR_MS, RotationState
from akia.operation import Access, Required, everything
from akia.services.akia._akia import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    akia,
    cut,
    limit_of,
    position_of,
    utc,
)
from akia.services.akia.keys_meant import ACCESS_KEY, USER, key_arn, key_conditions, owner_condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.authority.issuing import Issued
    from akia.authority.rotating import KeyCaller
    from akia.identity.access_key import AccessKey
    from akia.identity.key_rotation import KeyRotation, RotationStep, Seen
    from akia.identity.user import User
    from akia.operation import Conditions, Context
    from akia.wire.shapes import akia as shapes

QUIET_HOURS, INACTIVE_HOURS = 24.0, 72.0
_BEHIND_ALL = "~"
"""Comes after every id."""
_MAKE, _CHANGE, _DELETE = "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"
_WAITS_FOR = {
    RotationState.DISTRIBUTED: "its next look at the calls of the old key",
    RotationState.OBSERVING: "nobody to call the old key for the quiet time",
    RotationState.QUIET: "its last look at the calls of the old key",
    RotationState.OLD_INACTIVE: "nobody to call the inactive old key",
    RotationState.NEW_INACTIVE: "nobody to call the inactive new key",
}


# Who is asked what: the ARNs and what else is needed. None of these raises.


def _user_key(ctx: Context, key_id: str) -> tuple[AccessKey, User] | None:
    """A key of a user of the caller's account. The root user's key is nobody's to replace but its own."""
    key = ctx.store.access_keys.get(key_id)
    user = ctx.store.users.with_id(key.owner) if key is not None and key.account == ctx.account and not key.of_root else None
    return (key, user) if key is not None and user is not None else None


def _key_arns(ctx: Context, request: Mapping[str, Any]) -> list[str]:
    """The key, and every target that it would be delivered to (P2.2-7)."""
    targets = [f"arn:aws:akia::{ctx.account}:rotation-target/{name}" for name in request.get("Targets", ())]
    return [key_arn(ctx, request), *targets]


def _also_of_key(ctx: Context, request: Mapping[str, Any]) -> list[Required]:
    """What the rotation will do to the keys of the user."""
    found = _user_key(ctx, request["AccessKeyId"])
    return _required(found[1], _MAKE, _CHANGE, _DELETE) if found is not None else []


def _rotation_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return f"arn:aws:akia::{ctx.account}:key-rotation/{request['RotationId']}"


def _found(ctx: Context, request: Mapping[str, Any]) -> KeyRotation | None:
    rotation = ctx.store.rotations.get(request["RotationId"])
    return rotation if rotation is not None and rotation.account == ctx.account else None


def _rotation_owner(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    rotation = _found(ctx, request)
    return owner_condition(rotation.user_name) if rotation is not None else {}


def _also_of_rotation(ctx: Context, request: Mapping[str, Any]) -> list[Required]:
    rotation = _found(ctx, request)
    user = ctx.store.users.with_id(rotation.owner) if rotation is not None else None
    return _required(user, _CHANGE, _DELETE) if user is not None else []


def _required(user: User, *actions: str) -> list[Required]:
    tags = {f"{prefix}:resourcetag/{key.lower()}": value for key, value in user.tags.items() for prefix in ("aws", "iam")}
    return [Required(action, str(user.arn), tags) for action in actions]


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Both keys and their user, so that the timeline of either tells of it."""
    told = (result or {}).get("Rotation", {})
    keys = dict.fromkeys(each for each in (request.get("AccessKeyId"), told.get("OldAccessKeyId"), told.get("NewAccessKeyId")) if each)
    yield from ((ACCESS_KEY, key) for key in keys)
    if "UserName" in told:
        yield USER, told["UserName"]


# The operations


@akia.operation(
    "StartKeyRotation", access=Access.PERMISSIONS, resource=_key_arns, conditions=key_conditions, also=_also_of_key, event_resources=_about
)
def start_key_rotation(ctx: Context, request: shapes.StartKeyRotationRequest) -> shapes.StartKeyRotationResponse:
    """With targets the secret goes there and to nobody else; without, this answer is the only one that ever holds it.

    Raises ResourceNotFoundException (the key, a target that does not take keys of this user), ConflictException (a rotation is open, or
    the key is inactive), ServiceQuotaExceededException, ValidationError.
    """
    found = _user_key(ctx, request["AccessKeyId"])
    if found is None:
        raise ResourceNotFoundException(f"No user of this account has an access key {request['AccessKeyId']}.")
    key, user = found
    if key.status != "Active":
        raise ConflictException(f"The access key {key.id} is inactive: nobody uses it, so nothing is to be replaced.")
    plan = Beginning(_targets(ctx, user, request), _milliseconds(request, "QuietHours", QUIET_HOURS),
                     _milliseconds(request, "InactiveHours", INACTIVE_HOURS), str(ctx.caller.principal.arn))  # fmt: skip
    try:
        rotation, issued = rotating.begin(ctx.store, ctx.authority.quotas, key, user, plan, _now(ctx))
    except AlreadyRotating:
        raise ConflictException(f"A rotation of a key of {user.name} is open already.") from None
    except LimitExceeded as error:
        raise ServiceQuotaExceededException(error.message) from None
    told: shapes.StartKeyRotationResponse = {"Rotation": _shown(rotation)}
    if not plan.targets:
        told["NewAccessKey"] = _new_key(user, issued)
    return told


def _targets(ctx: Context, user: User, request: shapes.StartKeyRotationRequest) -> list[str]:
    """The names of targets of the operator's that take keys of this user. Raises ResourceNotFoundException."""
    names = list(dict.fromkeys(request.get("Targets", ())))
    for name in names:
        if ctx.authority.rotation_targets.get(name, ctx.account, user.name) is None:
            raise ResourceNotFoundException(f"There is no target {name} for keys of {user.name}.")
    return names


@akia.operation("ConfirmKeyDistribution", access=Access.WRITE, resource=_rotation_arn, conditions=_rotation_owner, event_resources=_about)
def confirm_key_distribution(ctx: Context, request: shapes.ConfirmKeyDistributionRequest) -> shapes.ConfirmKeyDistributionResponse:
    """Raises ResourceNotFoundException, ConflictException (targets are delivered to by the server, or that time is over)."""
    rotation = _rotation(ctx, request)
    step = engine.confirmed(rotation)
    if step is None:
        raise ConflictException(
            f"The rotation is {rotation.state}{' and has targets' if rotation.target_names else ''}: nothing to confirm."
        )
    return {"Rotation": _shown(_taken(ctx, rotation, step, rotating.seen(ctx.store, rotation)))}


@akia.operation("GetKeyRotation", access=Access.READ, resource=_rotation_arn, conditions=_rotation_owner)
def get_key_rotation(ctx: Context, request: shapes.GetKeyRotationRequest) -> shapes.GetKeyRotationResponse:
    """Every call that was answered before this one counts. Raises ResourceNotFoundException."""
    rotation = _rotation(ctx, request)
    ctx.authority.drain_journals()
    rotation = _rotation(ctx, request)
    current = rotation if rotation.is_over else engine.observed(rotation, rotating.seen(ctx.store, rotation))
    callers = [] if rotation.is_over else rotating.callers(ctx.store, rotation)
    return {
        "Rotation": _shown(current),
        "History": [_entry(step) for step in ctx.store.rotations.history(rotation.id)],
        "Callers": [_caller(caller) for caller in callers],
    }


@akia.operation("ListKeyRotations", access=Access.LIST, resource=everything)
def list_key_rotations(ctx: Context, request: shapes.ListKeyRotationsRequest) -> shapes.ListKeyRotationsResponse:
    """Raises ValidationError (token)."""
    before, wanted = position_of(ctx, "rotations", request) or _BEHIND_ALL, (request.get("State", ""), request.get("UserName", ""))
    found = ctx.store.rotations.newest(ctx.account, *wanted, before, limit_of(request) + 1)
    page, more = cut(ctx, "rotations", request, found, lambda rotation: rotation.id)
    return cast("shapes.ListKeyRotationsResponse", {"Rotations": [_shown(rotation) for rotation in page], **more})


def _gather(ctx: Context, request: shapes.AdvanceKeyRotationRequest) -> shapes.AdvanceKeyRotationRequest:
    """Every call that was answered before this one counts."""
    ctx.authority.drain_journals()
    return request


@akia.operation(
    "AdvanceKeyRotation",
    access=Access.PERMISSIONS,
    resource=_rotation_arn,
    conditions=_rotation_owner,
    also=_also_of_rotation,
    event_resources=_about,
    gather=_gather,
    prepare=lambda request: request,
)
def advance_key_rotation(ctx: Context, request: shapes.AdvanceKeyRotationRequest) -> shapes.AdvanceKeyRotationResponse:
    """What is delivered, and what raises an alert, is left to the job; it comes to that within a second or two.

    Raises ResourceNotFoundException, ConflictException (it is over).
    """
    rotation = _rotation(ctx, request)
    if rotation.is_over:
        raise ConflictException(f"The rotation is over: {rotation.state}.")
    rotation = _with_times(ctx, rotation, request)
    while True:
        found = rotating.seen(ctx.store, rotation)
        step = engine.next_step(rotation, found, _now(ctx))
        if step is None or step.deliver or step.alert:
            return {"Rotation": _shown(engine.observed(rotation, found))}
        rotation = _taken(ctx, rotation, step, found)
        if rotation.is_over:
            return {"Rotation": _shown(rotation)}


def _with_times(ctx: Context, rotation: KeyRotation, request: shapes.AdvanceKeyRotationRequest) -> KeyRotation:
    quiet, inactive = rotation.quiet_ms / HOUR_MS, rotation.inactive_ms / HOUR_MS
    times = _milliseconds(request, "QuietHours", quiet), _milliseconds(request, "InactiveHours", inactive)
    after = replace(
        rotation,
        quiet_ms=times[0],
        inactive_ms=times[1],
        due_ms=rotation.due_ms if rotation.missing else _now(ctx),
        version=rotation.version + 1,
    )
    ctx.store.rotations.advance(rotation, after)
    return after


@akia.operation(
    "RollBackKeyRotation",
    access=Access.PERMISSIONS,
    resource=_rotation_arn,
    conditions=_rotation_owner,
    also=_also_of_rotation,
    event_resources=_about,
)
def roll_back_key_rotation(ctx: Context, request: shapes.RollBackKeyRotationRequest) -> shapes.RollBackKeyRotationResponse:
    """The old key works from the next request on. Raises ResourceNotFoundException, ConflictException (it is too late, or under way)."""
    rotation = _rotation(ctx, request)
    found = rotating.seen(ctx.store, rotation)
    step = engine.rolled_back(rotation, found)
    if step is None:
        raise ConflictException(f"The rotation is {rotation.state}: there is no way back.")
    return {"Rotation": _shown(_taken(ctx, rotation, step, found))}


def _taken(ctx: Context, rotation: KeyRotation, step: engine.Step, found: Seen) -> KeyRotation:
    """This is a write transaction, and the rotation was read in it: nobody can have written it since."""
    after = rotating.take(ctx.store, rotation, step, found, str(ctx.caller.principal.arn), _now(ctx))
    assert after is not None
    return after


def _rotation(ctx: Context, request: Mapping[str, Any]) -> KeyRotation:
    """One of the caller's account. Raises ResourceNotFoundException."""
    rotation = _found(ctx, request)
    if rotation is None:
        raise ResourceNotFoundException(f"There is no rotation {request['RotationId']}.")
    return rotation


def _milliseconds(request: Mapping[str, Any], name: str, default: float) -> int:
    """A time to wait, which may be a fraction of an hour. Raises ValidationError for what is no number."""
    hours = float(request.get(name, default))
    if not 0 <= hours < float("inf"):
        raise ValidationError(f"{name} must be a number of hours.")
    return round(hours * HOUR_MS)


def _now(ctx: Context) -> int:
    """Epoch milliseconds."""
    return int(ctx.facts.received * 1000)


# What is told


def _shown(rotation: KeyRotation) -> shapes.KeyRotation:
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
    until = engine.waits_until(rotation)
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


def _entry(step: RotationStep) -> shapes.RotationHistoryEntry:
    known = orjson.loads(step.evidence)
    told: dict[str, Any] = {"At": utc(step.at_ms), "To": step.after, "Reason": step.reason, "By": step.who}
    optional = {"From": step.before, "OldKeyStatus": known["old"], "NewKeyStatus": known["new"]}
    told |= {name: value for name, value in optional.items() if value}
    told |= _calls(known["old_called_ms"], known["new_called_ms"])
    callers = [_caller(rotating.KeyCaller(**caller)) for caller in known["callers"]]
    return cast("shapes.RotationHistoryEntry", told | {"Callers": callers})


def _caller(caller: KeyCaller) -> shapes.RotationCaller:
    return {
        "AccessKeyId": caller.key_id,
        "SourceIPAddress": caller.address,
        "UserAgent": caller.agent,
        "Action": caller.action,
        "Count": caller.count,
        "LastSeen": utc(caller.last_ms),
        "Refused": caller.refused,
    }


def _new_key(user: User, issued: Issued) -> shapes.NewAccessKey:
    return {
        "UserName": user.name,
        "AccessKeyId": issued.key.id,
        "Status": "Active",
        "SecretAccessKey": issued.secret,
        "CreateDate": utc(issued.key.created * 1000),
    }
