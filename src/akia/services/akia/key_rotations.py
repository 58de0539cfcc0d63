"""Rotations of access keys: StartKeyRotation, ConfirmKeyDistribution, GetKeyRotation, ListKeyRotations, AdvanceKeyRotation,
RollBackKeyRotation. The steps between are taken beside requests (`akia.jobs.rotate_keys`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.authority import rotating
from akia.authority.rotating import AlreadyRotating, Beginning
from akia.aws.errors import LimitExceeded
from akia.identity.key_rotation import HOUR_MS
from akia.identity.rotation_course import observed
from akia.identity.rotation_steps import confirmed, next_step, rolled_back
from akia.operation import Access, everything
from akia.services.akia._akia import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    akia,
    cut,
    limit_of,
    position_of,
)
from akia.services.akia.access_keys import told_new_key
from akia.services.akia.keys_meant import key_conditions
from akia.services.akia.rotation_descriptions import shown, told_caller, told_step
from akia.services.akia.rotations_meant import (
    about_rotation,
    also_of_key,
    also_of_rotation,
    key_arns,
    rotation_arn,
    rotation_meant,
    rotation_owner,
    times_meant,
    user_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.key_rotation import KeyRotation
    from akia.identity.rotation_steps import Seen, Step
    from akia.identity.user import User
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes

_BEHIND_ALL = "~"
"""Comes after every id."""


@akia.operation(
    "StartKeyRotation",
    access=Access.PERMISSIONS,
    resource=key_arns,
    conditions=key_conditions,
    also=also_of_key,
    event_resources=about_rotation,
)
def start_key_rotation(ctx: Context, request: shapes.StartKeyRotationRequest) -> shapes.StartKeyRotationResponse:
    """With targets the secret goes there and to nobody else; without, this answer is the only one that ever holds it.

    Raises ResourceNotFoundException (the key, a target that does not take keys of this user), ConflictException (a rotation is open, or
    the key is inactive), ServiceQuotaExceededException.
    """
    found = user_key(ctx, request["AccessKeyId"])
    if found is None:
        raise ResourceNotFoundException(f"No user of this account has an access key {request['AccessKeyId']}.")
    key, user = found
    if key.status != "Active":
        raise ConflictException(f"The access key {key.id} is inactive: nobody uses it, so nothing is to be replaced.")
    plan = Beginning(_targets(ctx, user, request), *times_meant(request), str(ctx.caller.principal.arn))
    try:
        rotation, issued = rotating.begin(ctx.store, ctx.authority.quotas, key, user, plan, _now(ctx))
    except AlreadyRotating:
        raise ConflictException(f"A rotation of a key of {user.name} is open already.") from None
    except LimitExceeded as error:
        raise ServiceQuotaExceededException(error.message) from None
    told: shapes.StartKeyRotationResponse = {"Rotation": shown(rotation)}
    if not plan.targets:
        told["NewAccessKey"] = told_new_key(user.name, issued)
    return told


def _targets(ctx: Context, user: User, request: shapes.StartKeyRotationRequest) -> list[str]:
    """The names of targets of the operator's that take keys of this user. Raises ResourceNotFoundException."""
    names = list(dict.fromkeys(request.get("Targets", ())))
    for name in names:
        if ctx.authority.rotation_targets.get(name, ctx.account, user.name) is None:
            raise ResourceNotFoundException(f"There is no target {name} for keys of {user.name}.")
    return names


@akia.operation(
    "ConfirmKeyDistribution", access=Access.WRITE, resource=rotation_arn, conditions=rotation_owner, event_resources=about_rotation
)
def confirm_key_distribution(ctx: Context, request: shapes.ConfirmKeyDistributionRequest) -> shapes.ConfirmKeyDistributionResponse:
    """Raises ResourceNotFoundException, ConflictException (targets are delivered to by the server, or that time is over)."""
    rotation = rotation_meant(ctx, request)
    step = confirmed(rotation)
    if step is None:
        raise ConflictException(
            f"The rotation is {rotation.state}{' and has targets' if rotation.target_names else ''}: nothing to confirm."
        )
    return {"Rotation": shown(_taken(ctx, rotation, step, rotating.seen(ctx.store, rotation, _now(ctx))))}


@akia.operation("GetKeyRotation", access=Access.READ, resource=rotation_arn, conditions=rotation_owner)
def get_key_rotation(ctx: Context, request: shapes.GetKeyRotationRequest) -> shapes.GetKeyRotationResponse:
    """Every call that was answered before this one counts. Raises ResourceNotFoundException."""
    ctx.authority.drain_journals()
    rotation = rotation_meant(ctx, request)
    current = rotation if rotation.is_over else observed(rotation, rotating.seen(ctx.store, rotation, _now(ctx)))
    callers = [] if rotation.is_over else rotating.callers(ctx.store, rotation)
    return {
        "Rotation": shown(current),
        "History": [told_step(step) for step in ctx.store.rotations.history(rotation.id)],
        "Callers": [told_caller(caller) for caller in callers],
    }


@akia.operation("ListKeyRotations", access=Access.LIST, resource=everything)
def list_key_rotations(ctx: Context, request: shapes.ListKeyRotationsRequest) -> shapes.ListKeyRotationsResponse:
    """Raises ValidationError (token)."""
    before = position_of(ctx, "rotations", request) or _BEHIND_ALL
    found = ctx.store.rotations.newest(ctx.account, request.get("State", ""), request.get("UserName", ""), before, limit_of(request) + 1)
    page, more = cut(ctx, "rotations", request, found, lambda rotation: rotation.id)
    return cast("shapes.ListKeyRotationsResponse", {"Rotations": [shown(rotation) for rotation in page], **more})


def _with_calls(ctx: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every call that was answered before this one counts."""
    ctx.authority.drain_journals()
    return request


@akia.operation(
    "AdvanceKeyRotation",
    access=Access.PERMISSIONS,
    resource=rotation_arn,
    conditions=rotation_owner,
    also=also_of_rotation,
    event_resources=about_rotation,
    gather=_with_calls,
)
def advance_key_rotation(ctx: Context, request: shapes.AdvanceKeyRotationRequest) -> shapes.AdvanceKeyRotationResponse:
    """What is delivered, and what raises an alert, is left to the job; it comes to that within a second or two.

    Raises ResourceNotFoundException, ConflictException (it is over).
    """
    rotation = rotation_meant(ctx, request)
    if rotation.is_over:
        raise ConflictException(f"The rotation is over: {rotation.state}.")
    rotation = _with_times(ctx, rotation, request)
    while True:
        found = rotating.seen(ctx.store, rotation, _now(ctx))
        step = next_step(rotation, found, _now(ctx))
        if step is None or step.deliver or step.alert:
            return {"Rotation": shown(observed(rotation, found))}
        rotation = _taken(ctx, rotation, step, found)
        if rotation.is_over:
            return {"Rotation": shown(rotation)}


def _with_times(ctx: Context, rotation: KeyRotation, request: shapes.AdvanceKeyRotationRequest) -> KeyRotation:
    quiet, inactive = times_meant(request, rotation.quiet_ms / HOUR_MS, rotation.inactive_ms / HOUR_MS)
    due = rotation.due_ms if rotation.missing else _now(ctx)
    after = replace(rotation, quiet_ms=quiet, inactive_ms=inactive, due_ms=due, version=rotation.version + 1)
    ctx.store.rotations.advance(rotation, after)
    return after


@akia.operation(
    "RollBackKeyRotation",
    access=Access.PERMISSIONS,
    resource=rotation_arn,
    conditions=rotation_owner,
    also=also_of_rotation,
    event_resources=about_rotation,
    gather=_with_calls,
)
def roll_back_key_rotation(ctx: Context, request: shapes.RollBackKeyRotationRequest) -> shapes.RollBackKeyRotationResponse:
    """The old key works from the next request on.

    Raises ResourceNotFoundException, ConflictException (it is too late, or under way, or the old key has expired).
    """
    rotation = rotation_meant(ctx, request)
    found = rotating.seen(ctx.store, rotation, _now(ctx))
    step = rolled_back(rotation, found)
    if step is None:
        why = "The old key has expired" if found.old.expired else f"The rotation is {rotation.state}"
        raise ConflictException(f"{why}: there is no way back.")
    return {"Rotation": shown(_taken(ctx, rotation, step, found))}


def _taken(ctx: Context, rotation: KeyRotation, step: Step, found: Seen) -> KeyRotation:
    """This is a write transaction, and the rotation was read in it: nobody can have written it since."""
    after = rotating.take(ctx.store, rotation, step, found, str(ctx.caller.principal.arn), _now(ctx))
    assert after is not None
    return after


def _now(ctx: Context) -> int:
    """Epoch milliseconds."""
    return int(ctx.facts.received * 1000)
