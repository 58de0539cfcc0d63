"""Taking a role: AssumeRole.

Authorized on both sides (P1.7-2, NT-26): by the caller's policies, and by the role's trust policy. Root may not at all (P1.3-12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import NotImplementedHere
from akia.identity.principal import RoleSession
from akia.identity.session import RoleChain, SessionFacts
from akia.operation import Access, Conditions, Context, Required
from akia.services.sts._sts import fresh_session_id, sts
from akia.services.sts.duration import end_of_role_session
from akia.services.sts.issued_role_session import issued
from akia.services.sts.mfa import brings_code, proven_at, use_code
from akia.services.sts.session_policies import session_policies
from akia.services.sts.session_tags import inherited_tags, session_tags, tag_conditions
from akia.services.sts.source_identity import require_kept, source_identity
from akia.services.sts.target_role import about_session, role_arn, role_tags, target_role, trust_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.identity.role import Role
    from akia.wire.shapes import sts as shapes


def _conditions(ctx: Context, request: shapes.AssumeRoleRequest) -> Conditions:
    """The keys of P4.3-25, and the role's tags."""
    conditions = dict(tag_conditions(request.get("Tags", []), request.get("TransitiveTagKeys", [])))
    conditions["sts:rolesessionname"] = request["RoleSessionName"]
    optional = {"sts:externalid": request.get("ExternalId"), "sts:sourceidentity": _source_identity(ctx, request)}
    conditions |= {key: value for key, value in optional.items() if value is not None}
    return {**conditions, **role_tags(ctx, request)}


def _also(ctx: Context, request: shapes.AssumeRoleRequest) -> Iterator[Required]:
    """`sts:TagSession` and `sts:SetSourceIdentity`, on the same two sides (P1.7-4), for what is inherited too."""
    tagged = request.get("Tags") or request.get("TransitiveTagKeys") or inherited_tags(ctx.caller.principal.session)
    for action, needed in (("sts:TagSession", tagged), ("sts:SetSourceIdentity", _source_identity(ctx, request))):
        if needed:
            yield Required(action, request["RoleArn"], _conditions(ctx, request))


def _source_identity(ctx: Context, request: shapes.AssumeRoleRequest) -> str | None:
    return source_identity(request.get("SourceIdentity"), ctx.caller.principal.session)


@sts.operation(
    "AssumeRole",
    access=Access.WRITE,
    resource=role_arn,
    resource_policy=trust_policy,
    conditions=_conditions,
    also=_also,
    event_resources=about_session,
    writes=False,
    writes_if=brings_code,
    second_factor=proven_at,
    read_only_event=True,
)
def assume_role(ctx: Context, request: shapes.AssumeRoleRequest) -> shapes.AssumeRoleResponse:
    """Credentials of a session of a role, which may do what the role may and the session's own policies allow (P1.7-8).

    Raises ValidationError, InvalidParameterValue, MalformedPolicyDocument, PackedPolicyTooLarge; AccessDenied for a wrong code, or if
    another source identity is claimed.
    """
    role = target_role(ctx, request)
    assert role is not None  # it trusts the caller
    made = RoleSession(role, request["RoleSessionName"], _session(ctx, request, role))
    return issued(ctx, made, request.get("MinimumSessionTokenSize", 0))


def _session(ctx: Context, request: shapes.AssumeRoleRequest, role: Role) -> SessionFacts:
    """What the new session carries. Nothing that the request says of MFA or of contexts is believed without proof."""
    principal = ctx.caller.principal
    mfa_at = use_code(ctx, request)
    require_kept(request.get("SourceIdentity"), principal.session)
    if request.get("ProvidedContexts"):
        raise NotImplementedHere("ProvidedContexts are not implemented by this endpoint.")
    tags = session_tags(request.get("Tags", []), request.get("TransitiveTagKeys", []), principal.session)
    return SessionFacts(
        id=fresh_session_id(),
        issued=ctx.now,
        expires=end_of_role_session(request.get("DurationSeconds"), role, ctx.caller, ctx.now),
        mfa_at=mfa_at,
        tags=tags.tags,
        transitive=tags.transitive,
        source_identity=_source_identity(ctx, request),
        policies=session_policies(ctx, request.get("Policy"), request.get("PolicyArns", []), role.account),
        origin=RoleChain() if isinstance(principal, RoleSession) else None,
        delegate=ctx.caller.delegate,
        lineage=ctx.caller.lineage,
    )
