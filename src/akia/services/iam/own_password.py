"""Changing one's own password: ChangePassword.

As in `login_profiles` hashing is done before the turn to write, and what was read for it is checked again then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from akia.authority.passwords import NewPassword, is_right, new_password
from akia.aws.errors import AccessDenied, EntityTemporarilyUnmodifiable, InvalidUserType, PasswordPolicyViolation
from akia.identity.principal import IamUser
from akia.operation import Access
from akia.services.iam._iam import iam
from akia.services.iam.identities import USERS, user_arn, user_conditions
from akia.services.iam.login_profiles import profile_of, require_unchanged
from akia.services.iam.owners import Owner
from akia.throttle.attempts import may_try

if TYPE_CHECKING:
    from akia.identity.login_profile import LoginProfile
    from akia.operation import Context
    from akia.store.store import Store
    from akia.wire.shapes import iam as shapes


@dataclass(frozen=True, slots=True)
class _Gathered:
    """A request with what its new password is measured by, and the hash in use."""

    request: shapes.ChangePasswordRequest = field(repr=False)
    new: NewPassword
    seen: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Hashed:
    """What came of it: the hash of the new password, empty if there is none because the old one is wrong or the new one violates the
    policy. `seen` is the hash that was in use then."""

    hash: str = field(repr=False)
    seen: str = field(repr=False)
    old_is_right: bool = True
    violation: PasswordPolicyViolation | None = None


def _gather(ctx: Context, request: shapes.ChangePasswordRequest) -> _Gathered:
    """Raises InvalidUserType, NoSuchEntity, EntityTemporarilyUnmodifiable."""
    profile = _own_profile(ctx)
    _require_patience(ctx, profile)
    return _Gathered(request, new_password(ctx.store, ctx.account, request["NewPassword"], profile), profile.hash)


def _prepare(gathered: _Gathered) -> _Hashed:
    """Raises nothing: whatever it finds out tells whether the old password is right, and waits for the count of wrong ones."""
    if not is_right(gathered.seen, gathered.request["OldPassword"]):
        return _Hashed("", gathered.seen, old_is_right=False)
    try:
        return _Hashed(gathered.new.prepared(), gathered.seen)
    except PasswordPolicyViolation as violation:
        return _Hashed("", gathered.seen, violation=violation)


def _own_profile(ctx: Context) -> LoginProfile:
    principal = ctx.caller.principal
    if not isinstance(principal, IamUser):
        raise InvalidUserType("Only IAM Users can change their own password.")
    return profile_of(ctx, Owner(principal.user.id, principal.user))


@iam.operation(
    "ChangePassword",
    access=Access.PERMISSIONS,
    resource=user_arn,
    conditions=user_conditions,
    event_resources=USERS.about,
    gather=_gather,
    prepare=_prepare,
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
    require_unchanged(profile, hashed.seen)
    ctx.store.login_profiles.replace(profile.with_password(hashed.hash, ctx.now, reset_required=False))


def _require_patience(ctx: Context, profile: LoginProfile) -> None:
    """What was guessed at the same time has its turns one after the other; from some failure on, none of the rest counts."""
    if not may_try(profile.failures, profile.failed, ctx.now):
        raise EntityTemporarilyUnmodifiable("Too many wrong passwords were given. Please wait before you try again.")


def _count_failure(store: Store, owner: str, now: int) -> None:
    profile = store.login_profiles.of(owner)
    if profile is not None:
        store.login_profiles.replace(replace(profile, failures=profile.failures + 1, failed=now))
