"""Passwords for the console: CreateLoginProfile, GetLoginProfile, UpdateLoginProfile, DeleteLoginProfile, ChangePassword.

Hashing takes its time, so it is done before the turn to write; what was read for it is checked again then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, cast

from akia.authority.passwords import NewPassword, is_right, new_password
from akia.aws.errors import (
    AccessDenied,
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from akia.identity.login_profile import LoginProfile
from akia.identity.principal import IamUser
from akia.operation import Access, Context
from akia.services.iam._iam import iam, utc
from akia.services.iam.identities import USERS, user_arn, user_conditions
from akia.services.iam.owners import Owner, owner_arn, owner_conditions, sign_in_owner
from akia.store.errors import IdTaken
from akia.throttle.attempts import may_try

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.store import Store
    from akia.wire.shapes import iam as shapes


@dataclass(frozen=True, slots=True)
class _Hashed:
    """A request whose password has been hashed; `hash` is empty if it has none. `seen` is the hash in use when it was measured.

    Of one's own password: whether the old one is right, and what is wrong with the new one.
    """

    request: Any = field(repr=False)
    hash: str = field(repr=False)
    seen: str = field(default="", repr=False)
    old_is_right: bool = False
    violation: PasswordPolicyViolation | None = None


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


def _profile(ctx: Context, owner: Owner) -> LoginProfile:
    """Raises NoSuchEntity."""
    profile = ctx.store.login_profiles.of(owner.id)
    if profile is None:
        raise _none(owner)
    return profile


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
    return {"LoginProfile": _shown(owner, _profile(ctx, owner))}


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
    profile = _profile(ctx, owner)
    reset_required = hashed.request.get("PasswordResetRequired", profile.reset_required)
    if hashed.hash:
        _require_unchanged(profile, hashed.seen)
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


# One's own password


def _gather_own(ctx: Context, request: shapes.ChangePasswordRequest) -> _Gathered:
    """Raises InvalidUserType, NoSuchEntity, EntityTemporarilyUnmodifiable."""
    profile = _own_profile(ctx)
    _require_patience(ctx, profile)
    return _Gathered(request, new_password(ctx.store, ctx.account, request["NewPassword"], profile), profile)


def _prepare_own(gathered: _Gathered) -> _Hashed:
    """Raises nothing: whatever it finds out tells whether the old password is right, and waits for the count of wrong ones."""
    request, profile, new = gathered.request, gathered.profile, gathered.new
    assert profile is not None and new is not None
    if not is_right(profile.hash, request["OldPassword"]):
        return _Hashed(request, "", profile.hash)
    try:
        return _Hashed(request, new.prepared(), profile.hash, old_is_right=True)
    except PasswordPolicyViolation as violation:
        return _Hashed(request, "", profile.hash, old_is_right=True, violation=violation)


def _own_profile(ctx: Context) -> LoginProfile:
    principal = ctx.caller.principal
    if not isinstance(principal, IamUser):
        raise InvalidUserType("Only IAM Users can change their own password.")
    return _profile(ctx, Owner(principal.user.id, principal.user))


@iam.operation(
    "ChangePassword",
    access=Access.PERMISSIONS,
    resource=user_arn,
    conditions=user_conditions,
    event_resources=USERS.about,
    gather=_gather_own,
    prepare=_prepare_own,
)
def change_password(ctx: Context, hashed: _Hashed) -> None:
    """The caller's own, expired or not. Wrong guesses at the old one have to wait longer and longer (NT-38).

    Raises InvalidUserType (who is no user), NoSuchEntity (who has none), AccessDenied (the old one is wrong), PasswordPolicyViolation,
    EntityTemporarilyUnmodifiable.
    """
    profile = _own_profile(ctx)
    _require_patience(ctx, profile)
    if not hashed.old_is_right:
        owner, now = profile.owner, ctx.now
        ctx.remember_refusal(lambda store: _count_failure(store, owner, now))
        raise AccessDenied("The old password was incorrect.")
    if hashed.violation is not None:
        raise hashed.violation
    _require_unchanged(profile, hashed.seen)
    ctx.store.login_profiles.replace(profile.with_password(hashed.hash, ctx.now, reset_required=False))


def _require_patience(ctx: Context, profile: LoginProfile) -> None:
    """What was guessed at the same time has its turns one after the other; from some failure on, none of the rest counts."""
    if not may_try(profile.failures, profile.failed, ctx.now):
        raise EntityTemporarilyUnmodifiable("Too many wrong passwords were given. Please wait before you try again.")


def _count_failure(store: Store, owner: str, now: int) -> None:
    profile = store.login_profiles.of(owner)
    if profile is not None:
        store.login_profiles.replace(replace(profile, failures=profile.failures + 1, failed=now))


def _require_unchanged(profile: LoginProfile, seen: str) -> None:
    if not compare_digest(profile.hash, seen):
        raise EntityTemporarilyUnmodifiable("The password has just been changed. Please try again.")
