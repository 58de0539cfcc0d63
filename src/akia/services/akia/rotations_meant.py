"""Which rotation a request means, or which key is to be rotated; what policies may say of it; and how long it is to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.key_rotation import HOUR_MS
from akia.services.akia._akia import ResourceNotFoundException
from akia.services.akia.keys_meant import ACCESS_KEY, USER, key_arn, owner_condition
from akia.services.akia.owners import required_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.access_key import AccessKey
    from akia.identity.key_rotation import KeyRotation
    from akia.identity.user import User
    from akia.operation import Conditions, Context, Required

QUIET_HOURS, INACTIVE_HOURS = 24.0, 72.0
_MAKE, _CHANGE, _DELETE = "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"


def rotation_meant(ctx: Context, request: Mapping[str, Any]) -> KeyRotation:
    """One of the caller's account. Raises ResourceNotFoundException."""
    rotation = _found(ctx, request)
    if rotation is None:
        raise ResourceNotFoundException(f"There is no rotation {request['RotationId']}.")
    return rotation


def user_key(ctx: Context, key_id: str) -> tuple[AccessKey, User] | None:
    """A key of a user of the caller's account. The root user's key is nobody's to replace but its own."""
    key = ctx.store.access_keys.get(key_id)
    user = ctx.store.users.with_id(key.owner) if key is not None and key.account == ctx.account and not key.of_root else None
    return (key, user) if key is not None and user is not None else None


def key_arns(ctx: Context, request: Mapping[str, Any]) -> list[str]:
    """The key, and every target that it would be delivered to (P2.2-7)."""
    targets = [f"arn:aws:akia::{ctx.account}:rotation-target/{name}" for name in request.get("Targets", ())]
    return [key_arn(ctx, request), *targets]


def also_of_key(ctx: Context, request: Mapping[str, Any]) -> list[Required]:
    """What the rotation will do to the keys of the user."""
    found = user_key(ctx, request["AccessKeyId"])
    return required_on(found[1], _MAKE, _CHANGE, _DELETE) if found is not None else []


def rotation_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the rotation that a request names, be there one or not."""
    return f"arn:aws:akia::{ctx.account}:key-rotation/{request['RotationId']}"


def _found(ctx: Context, request: Mapping[str, Any]) -> KeyRotation | None:
    rotation = ctx.store.rotations.get(request["RotationId"])
    return rotation if rotation is not None and rotation.account == ctx.account else None


def rotation_owner(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The name that the user whose key is rotated has now: a later namesake is somebody else (NT-36). Nothing if he is gone."""
    user = _user(ctx, request)
    return owner_condition(user.name) if user is not None else {}


def also_of_rotation(ctx: Context, request: Mapping[str, Any]) -> list[Required]:
    """What its further steps will do to the keys of the user. Nothing if he is gone, and his keys with him."""
    user = _user(ctx, request)
    return required_on(user, _CHANGE, _DELETE) if user is not None else []


def _user(ctx: Context, request: Mapping[str, Any]) -> User | None:
    rotation = _found(ctx, request)
    return ctx.store.users.with_id(rotation.owner) if rotation is not None else None


def about_rotation(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Both keys and their user, so that the timeline of either tells of it."""
    told = (result or {}).get("Rotation", {})
    keys = dict.fromkeys(each for each in (request.get("AccessKeyId"), told.get("OldAccessKeyId"), told.get("NewAccessKeyId")) if each)
    yield from ((ACCESS_KEY, key) for key in keys)
    if "UserName" in told:
        yield USER, told["UserName"]


def times_meant(request: Mapping[str, Any], quiet: float = QUIET_HOURS, inactive: float = INACTIVE_HOURS) -> tuple[int, int]:
    """`QuietHours` and `InactiveHours`, which may be fractions, or these instead; in milliseconds."""
    return round(request.get("QuietHours", quiet) * HOUR_MS), round(request.get("InactiveHours", inactive) * HOUR_MS)
