"""Taking a role: AssumeRole.

Authorized on both sides (P1.7-2, NT-26): the caller's policies, and the role's trust policy, which is the role's resource policy for this.
A role that does not exist trusts nobody, so that it cannot be told from one that does not trust the caller.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.aws.errors import AccessDenied, ValidationError
from akia.identity.principal import RoleSession, Root, SessionFacts
from akia.identity.role import DEFAULT_SESSION_SECONDS
from akia.operation import Access, Conditions, Context, Required, ResourcePolicy
from akia.policy import Kind
from akia.services.sts._sts import sts, to_wire
from akia.services.sts.mfa import verified_mfa
from akia.services.sts.session_policies import session_policies
from akia.services.sts.session_tags import inherited_tags, session_tags, tag_conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from akia.identity.role import Role
    from akia.wire.shapes import sts as shapes

CHAINED_SECONDS = 3_600
"""The longest session that one session may make of another (P1.7-10)."""
_TRUSTS_NOBODY = '{"Version":"2012-10-17","Statement":[]}'


def _role(ctx: Context, arn: str) -> Role | None:
    """The role that `arn` names exactly, path included; in whatever account it stands."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return None
    role = ctx.store.roles.named(parsed.account, parsed.resource.rpartition("/")[2])
    return role if role is not None and str(role.arn) == arn else None


def _role_arn(ctx: Context, request: shapes.AssumeRoleRequest) -> str:
    return request["RoleArn"]


def _trust(ctx: Context, request: shapes.AssumeRoleRequest) -> ResourcePolicy:
    role = _role(ctx, request["RoleArn"])
    if role is None:
        return ResourcePolicy(_TRUSTS_NOBODY, Kind.TRUST, ctx.account, mandatory=True)
    return ResourcePolicy(role.trust, Kind.TRUST, role.account, mandatory=True)


def _conditions(ctx: Context, request: shapes.AssumeRoleRequest) -> Conditions:
    """The keys of P4.3-25, and the role's tags."""
    conditions = dict(tag_conditions(request.get("Tags", []), request.get("TransitiveTagKeys", [])))
    conditions["sts:rolesessionname"] = request["RoleSessionName"]
    for key, value in (
        ("sts:externalid", request.get("ExternalId")),
        ("sts:sourceidentity", request.get("SourceIdentity")),
        ("sts:durationseconds", request.get("DurationSeconds")),
    ):
        if value is not None:
            conditions[key] = str(value)
    role = _role(ctx, request["RoleArn"])
    for key, value in (role.tags if role is not None else {}).items():
        conditions[f"aws:resourcetag/{key.lower()}"] = conditions[f"iam:resourcetag/{key.lower()}"] = value
    return conditions


def _also(ctx: Context, request: shapes.AssumeRoleRequest) -> Iterator[Required]:
    """`sts:TagSession` and `sts:SetSourceIdentity`, on the same two sides (P1.7-4)."""
    session = ctx.caller.principal.session
    if request.get("Tags") or request.get("TransitiveTagKeys") or inherited_tags(session):
        yield Required("sts:TagSession", request["RoleArn"], _conditions(ctx, request))
    if request.get("SourceIdentity") is not None:
        yield Required("sts:SetSourceIdentity", request["RoleArn"], _conditions(ctx, request))


def _event_resources(request: shapes.AssumeRoleRequest, result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    yield "AWS::IAM::Role", request["RoleArn"]
    if result is not None:
        yield "AWS::STS::AssumedRole", result["AssumedRoleUser"]["Arn"]
        yield "AWS::IAM::AccessKey", result["Credentials"]["AccessKeyId"]


@sts.operation(
    "AssumeRole",
    access=Access.WRITE,
    resource=_role_arn,
    resource_policy=_trust,
    conditions=_conditions,
    also=_also,
    event_resources=_event_resources,
    writes=False,
    read_only_event=True,
)
def assume_role(ctx: Context, request: shapes.AssumeRoleRequest) -> shapes.AssumeRoleResponse:
    """Credentials of a session of a role. Its duration is bounded by the role, by chaining, and by nothing that the caller says (NT-29)."""
    principal = ctx.caller.principal
    if isinstance(principal, Root):
        raise AccessDenied("Roles may not be assumed by root accounts.")  # P1.3-12
    role = _role(ctx, request["RoleArn"])
    if role is None:
        raise AccessDenied(f"User: {principal.arn} is not authorized to perform: sts:AssumeRole on resource: {request['RoleArn']}")
    chained = isinstance(principal, RoleSession)
    tags = session_tags(request.get("Tags", []), request.get("TransitiveTagKeys", []), principal.session)
    session = SessionFacts(
        id=f"session-{secrets.token_hex(8)}",
        issued=ctx.now,
        expires=ctx.now + _seconds(request.get("DurationSeconds"), role, chained=chained),
        mfa_at=verified_mfa(ctx, request.get("SerialNumber"), request.get("TokenCode")),
        tags=tags.tags,
        transitive=tags.transitive,
        source_identity=_source_identity(request.get("SourceIdentity"), principal.session),
        policies=session_policies(ctx, request.get("Policy"), request.get("PolicyArns", []), role.account),
        chained=chained,
    )
    made = RoleSession(role, request["RoleSessionName"], session)
    credentials = ctx.authority.tokens.issue(role.account, role.id, session, made.name)
    response: shapes.AssumeRoleResponse = {
        "Credentials": to_wire(credentials),
        "AssumedRoleUser": {"AssumedRoleId": made.unique_id, "Arn": str(made.arn)},
    }
    if session.policies or session.tags:
        response["PackedPolicySize"] = credentials.packed_percent
    if session.source_identity is not None:
        response["SourceIdentity"] = session.source_identity
    return response


def _seconds(asked: int | None, role: Role, *, chained: bool) -> int:
    """How long the session lives (P1.7-10). Raises ValidationError for more than is allowed."""
    if chained and asked is not None and asked > CHAINED_SECONDS:
        raise ValidationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    if asked is not None and asked > role.max_session_seconds:
        raise ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return asked if asked is not None else DEFAULT_SESSION_SECONDS


def _source_identity(asked: str | None, parent: SessionFacts | None) -> str | None:
    """Once set, it stays (P4.3-17). Raises AccessDenied for another one."""
    inherited = parent.source_identity if parent is not None else None
    if inherited is not None and asked not in {None, inherited}:
        raise AccessDenied("The source identity of a session cannot be changed.")
    return inherited or asked
