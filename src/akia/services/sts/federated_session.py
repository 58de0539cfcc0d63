"""What AssumeRoleWithWebIdentity and AssumeRoleWithSAML have in common: a bearer whom a provider vouches for, and what it brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.principal import FederatedIdentity
from akia.identity.session import Federation, SessionFacts
from akia.operation import Required
from akia.services.sts._sts import fresh_session_id
from akia.services.sts.session_policies import session_policies
from akia.services.sts.session_tags import session_tags, tag_conditions
from akia.services.sts.target_role import role_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from akia.identity.role import Role
    from akia.operation import Conditions, Context
    from akia.wire.shapes import sts as shapes


def federated(ctx: Context) -> FederatedIdentity:
    """Who asks."""
    principal = ctx.caller.principal
    assert isinstance(principal, FederatedIdentity)  # the operation's proof made it
    return principal


def asking_conditions(ctx: Context, request: Mapping[str, Any], session_name: str | None) -> Conditions:
    """The keys of STS (P4.3-25), and the role's tags. Those of the token or assertion are the caller's own.

    Raises ValidationError (P5.3-6).
    """
    who = federated(ctx)
    conditions: dict[str, str | Sequence[str]] = dict(tag_conditions(_tags(who), sorted(who.transitive)))
    optional = {"sts:rolesessionname": session_name, "sts:sourceidentity": who.source_identity}
    conditions |= {key: value for key, value in optional.items() if value is not None}
    return {**conditions, **role_tags(ctx, request)}


def asked_to_carry(ctx: Context, request: Mapping[str, Any], conditions: Conditions) -> Iterator[Required]:
    """What the session is to carry must be allowed by the trust policy too: `sts:TagSession` and `sts:SetSourceIdentity` (P1.7-4)."""
    who = federated(ctx)
    for action, needed in (("sts:TagSession", who.session_tags or who.transitive), ("sts:SetSourceIdentity", who.source_identity)):
        if needed:
            yield Required(action, request["RoleArn"], conditions)


def federated_session(
    ctx: Context, request: Mapping[str, Any], role: Role, expires: int, lasting: Mapping[str, str | tuple[str, ...]]
) -> SessionFacts:
    """What the new session carries; `lasting` are the keys of the token or assertion that stay with it.

    Raises InvalidParameterValue, ValidationError, MalformedPolicyDocument.
    """
    who = federated(ctx)
    tags = session_tags(_tags(who), sorted(who.transitive), None)
    return SessionFacts(
        id=fresh_session_id(),
        issued=ctx.now,
        expires=expires,
        tags=tags.tags,
        transitive=tags.transitive,
        source_identity=who.source_identity,
        policies=session_policies(ctx, request.get("Policy"), request.get("PolicyArns", []), role.account),
        origin=Federation(str(who.provider), lasting),
    )


def _tags(who: FederatedIdentity) -> list[shapes.Tag]:
    return [{"Key": key, "Value": value} for key, value in who.session_tags.items()]
