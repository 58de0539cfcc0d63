"""Temporary credentials, ended before their time (C10): RevokeSessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import ValidationError
from akia.operation import Access
from akia.services.akia._akia import ResourceNotFoundException, akia, utc
from akia.services.akia.keys_meant import about_key, key_arn, key_conditions, key_meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.operation import Conditions, Context
    from akia.wire.shapes import akia as shapes

_NAMES = ("AccessKeyId", "UserName", "RoleName")


def _meant_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The key, the user or the role, whether there is one or not; nothing that policies could allow if the request names none of them."""
    if "AccessKeyId" in request:
        return key_arn(ctx, request)
    owner = _owner(ctx, request)
    if owner is not None:
        return str(owner.arn)
    named = [f"{kind}/{request[name]}" for kind, name in (("user", "UserName"), ("role", "RoleName")) if name in request]
    return f"arn:aws:iam::{ctx.account}:{named[0]}" if named else "*"


def _owner(ctx: Context, request: Mapping[str, Any]) -> User | Role | None:
    """The user or role that is named, if there is one."""
    if "UserName" in request:
        return ctx.look_up("users", request["UserName"], ctx.store.users.named)
    return ctx.look_up("roles", request["RoleName"], ctx.store.roles.named) if "RoleName" in request else None


def _conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the key, the user or the role, and whose key it is."""
    if "AccessKeyId" in request:
        return key_conditions(ctx, request)
    owner = _owner(ctx, request)
    return {f"aws:resourcetag/{key.lower()}": value for key, value in owner.tags.items()} if owner is not None else {}


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    yield from about_key(request, result)
    if "RoleName" in request:
        yield "AWS::IAM::Role", request["RoleName"]


@akia.operation("RevokeSessions", access=Access.PERMISSIONS, resource=_meant_arn, conditions=_conditions, event_resources=_about)
def revoke_sessions(ctx: Context, request: shapes.RevokeSessionsRequest) -> shapes.RevokeSessionsResponse:
    """From the next request on, on every worker. Keys go on working, and can make new sessions.

    Raises ResourceNotFoundException, ValidationError (none or several are named; a time to come).
    """
    if sum(name in request for name in _NAMES) != 1:
        raise ValidationError(f"Name one of {', '.join(_NAMES)}.")
    until = int(request["IssuedBefore"].timestamp()) if "IssuedBefore" in request else ctx.now
    if until > ctx.now:
        raise ValidationError("IssuedBefore must not lie in the future.")
    for subject in _subjects(ctx, request):
        ctx.store.sessions.revoke_all(subject, until)
    ctx.store.sessions.forget_expired(ctx.now)
    return {"IssuedBefore": utc(until * 1000)}


def _subjects(ctx: Context, request: shapes.RevokeSessionsRequest) -> Iterator[str]:
    """Whose sessions end. Of a user also what its keys have taken for themselves elsewhere: sessions of roles."""
    if "AccessKeyId" in request:
        yield key_meant(ctx, request).key.id
    elif "UserName" in request:
        user = ctx.store.users.named(ctx.account, request["UserName"])
        if user is None:
            raise ResourceNotFoundException(f"There is no user {request['UserName']}.")
        yield user.id
        yield from (key.id for key in ctx.store.access_keys.of(user.id))
    else:
        role = ctx.store.roles.named(ctx.account, request["RoleName"])
        if role is None:
            raise ResourceNotFoundException(f"There is no role {request['RoleName']}.")
        yield role.id
