"""Passwords for the console: CreateLoginProfile, GetLoginProfile, UpdateLoginProfile, DeleteLoginProfile.

Hashing takes its time, so it is done before the turn to write; what was read for it is checked again then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, cast

from akia.authority.passwords import NewPassword, new_password
from akia.aws.errors import (
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    NoSuchEntity,
    ValidationError,
)
from akia.identity.login_profile import LoginProfile
from akia.operation import Access, Context
from akia.services.iam._iam import iam, utc
from akia.services.iam.identities import USERS
from akia.services.iam.owners import Owner, owner_arn, owner_conditions, sign_in_owner
from akia.store.errors import IdTaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import iam as shapes


@dataclass(frozen=True, slots=True)
class _Hashed:
    """A request whose password has been hashed; `hash` is empty if it has none. `seen` is the hash in use when it was measured."""

    request: Any = field(repr=False)
    hash: str = field(repr=False)
    seen: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """A request with what its new password is measured by (None: it brings none), and the profile that is there."""

    request: Any = field(repr=False)
    new: NewPassword | None
    profile: LoginProfile | None


def _gather(ctx: Context, request: Mapping[str, Any]) -> _Gathered:
    """Raises NoSuchEntity, ValidationError."""
    profile = ctx.store.login_profiles.of(_owner(ctx, request).id)
    password = request.get("Password")
    return _Gathered(request, None if password is None else new_password(ctx.store, ctx.account, password, profile), profile)


def _prepare(gathered: _Gathered) -> _Hashed:
    """Raises PasswordPolicyViolation."""
    seen = gathered.profile.hash if gathered.profile is not None else ""
    return _Hashed(gathered.request, gathered.new.prepared() if gathered.new is not None else "", seen)


def _owner(ctx: Context, request: Mapping[str, Any]) -> Owner:
    """As `sign_in_owner`. The root user's password is for sessions of AssumeRoot only. Raises NoSuchEntity, ValidationError."""
    owner = sign_in_owner(ctx, request)
    if owner.user is None and not _is_assumed_root(ctx):
        raise ValidationError("Must specify userName when calling with root user credentials")
    return owner


def _is_assumed_root(ctx: Context) -> bool:
    session = ctx.caller.principal.session
    return session is not None and session.assumed_root


def profile_of(ctx: Context, owner: Owner) -> LoginProfile:
    """The owner's. Raises NoSuchEntity."""
    profile = ctx.store.login_profiles.of(owner.id)
    if profile is None:
        raise _none(owner)
    return profile


def require_unchanged(profile: LoginProfile, seen: str) -> None:
    """Raises EntityTemporarilyUnmodifiable if the password is not the one any more whose hash was `seen`."""
    if not compare_digest(profile.hash, seen):
        raise EntityTemporarilyUnmodifiable("The password has just been changed. Please try again.")


def _none(owner: Owner) -> NoSuchEntity:
    return NoSuchEntity(f"Login Profile for User {owner.called} cannot be found.")


def _shown(owner: Owner, profile: LoginProfile) -> shapes.LoginProfile:
    shown: dict[str, Any] = {"CreateDate": utc(profile.created), "PasswordResetRequired": profile.reset_required}
    if owner.name is not None:
        shown["UserName"] = owner.name
    return cast("shapes.LoginProfile", shown)  # the model wants a name, but the root user has none


@iam.operation(
    "CreateLoginProfile",
    access=Access.PERMISSIONS,
    resource=owner_arn,
    conditions=owner_conditions,
    event_resources=USERS.about,
    gather=_gather,
    prepare=_prepare,
)
def create_login_profile(ctx: Context, hashed: _Hashed) -> shapes.CreateLoginProfileResponse:
    """In a session of AssumeRoot without a name: the root user may set a password again, which it does by mail.

    Raises NoSuchEntity, EntityAlreadyExists, PasswordPolicyViolation; ValidationError for a password where there must be none, or none.
    """
    request, owner = hashed.request, _owner(ctx, hashed.request)
    if owner.user is None and hashed.hash:
        raise ValidationError("The password must be omitted when the root user's login profile is created.")
    if owner.user is not None and not hashed.hash:
        raise ValidationError("1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not be null")
    made = LoginProfile(owner.id, ctx.account, ctx.now, ctx.now, request.get("PasswordResetRequired", False), hashed.hash)
    try:
        ctx.store.login_profiles.add(made)
    except IdTaken:
        raise EntityAlreadyExists(f"Login Profile for user {owner.called} already exists.") from None
    return {"LoginProfile": _shown(owner, made)}


@iam.operation("GetLoginProfile", access=Access.LIST, resource=owner_arn, conditions=owner_conditions, event_resources=USERS.about)
def get_login_profile(ctx: Context, request: shapes.GetLoginProfileRequest) -> shapes.GetLoginProfileResponse:
    """Nothing of the password. Raises NoSuchEntity, ValidationError."""
    owner = _owner(ctx, request)
    return {"LoginProfile": _shown(owner, profile_of(ctx, owner))}


@iam.operation(
    "UpdateLoginProfile",
    access=Access.PERMISSIONS,
    resource=owner_arn,
    conditions=owner_conditions,
    event_resources=USERS.about,
    gather=_gather,
    prepare=_prepare,
)
def update_login_profile(ctx: Context, hashed: _Hashed) -> None:
    """Another password, or another say about whether it must be changed. A new one is measured as the user's own choice would be.

    Raises NoSuchEntity, PasswordPolicyViolation, EntityTemporarilyUnmodifiable if somebody else has changed it in the meantime.
    """
    owner = _owner(ctx, hashed.request)
    profile = profile_of(ctx, owner)
    reset_required = hashed.request.get("PasswordResetRequired", profile.reset_required)
    if hashed.hash:
        require_unchanged(profile, hashed.seen)
        changed = profile.with_password(hashed.hash, ctx.now, reset_required=reset_required)
    else:
        changed = replace(profile, reset_required=reset_required)
    ctx.store.login_profiles.replace(changed)


@iam.operation(
    "DeleteLoginProfile", access=Access.PERMISSIONS, resource=owner_arn, conditions=owner_conditions, event_resources=USERS.about
)
def delete_login_profile(ctx: Context, request: shapes.DeleteLoginProfileRequest) -> None:
    """No more console for its owner; keys and sessions live on. Raises NoSuchEntity, ValidationError."""
    owner = _owner(ctx, request)
    if not ctx.store.login_profiles.delete(owner.id):
        raise _none(owner)
