"""Taking a role with an assertion of a SAML provider: AssumeRoleWithSAML.

Nobody signs the call: the assertion says who asks (`saml_proof`), and the role's trust policy alone decides whether it may (P1.4-8). Each
assertion is good for one session.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from akia.aws.errors import InvalidIdentityToken
from akia.identity.principal import FederatedIdentity, Federation, RoleSession, SessionFacts
from akia.operation import Access, Conditions, Context, Required
from akia.services.sts._sts import sts
from akia.services.sts.duration import end_of_role_session
from akia.services.sts.issued_role_session import issued
from akia.services.sts.saml_proof import bearer
from akia.services.sts.session_policies import session_policies
from akia.services.sts.session_tags import session_tags, tag_conditions
from akia.services.sts.target_role import role_arn, role_tags, target_role, trust_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from akia.identity.role import Role
    from akia.wire.shapes import sts as shapes

_LASTING = ("saml:namequalifier", "saml:sub", "saml:sub_type")
"""The keys that stay with the session; the others are there only while the role is taken."""


def _identity(ctx: Context) -> FederatedIdentity:
    principal = ctx.caller.principal
    assert isinstance(principal, FederatedIdentity)
    return principal


def _tags(identity: FederatedIdentity) -> list[shapes.Tag]:
    return [{"Key": key, "Value": value} for key, value in identity.session_tags.items()]


def _conditions(ctx: Context, request: shapes.AssumeRoleWithSAMLRequest) -> Conditions:
    """The keys of STS (P4.3-25), and the role's tags. Those of SAML are the caller's own."""
    identity = _identity(ctx)
    conditions: dict[str, str | Sequence[str]] = dict(tag_conditions(_tags(identity), sorted(identity.transitive)))
    optional = {"sts:rolesessionname": identity.session_name, "sts:sourceidentity": identity.source_identity}
    conditions |= {key: value for key, value in optional.items() if value is not None}
    return {**conditions, **role_tags(ctx, request)}


def _also(ctx: Context, request: shapes.AssumeRoleWithSAMLRequest) -> Iterator[Required]:
    """`sts:TagSession` and `sts:SetSourceIdentity` (P1.7-4)."""
    identity = _identity(ctx)
    tagged = identity.session_tags or identity.transitive
    for action, needed in (("sts:TagSession", tagged), ("sts:SetSourceIdentity", identity.source_identity)):
        if needed:
            yield Required(action, request["RoleArn"], _conditions(ctx, request))


def _event_resources(request: shapes.AssumeRoleWithSAMLRequest, result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    yield "AWS::IAM::Role", request["RoleArn"]
    yield "AWS::IAM::SAMLProvider", request["PrincipalArn"]
    if result is not None:
        yield "AWS::STS::AssumedRole", result["AssumedRoleUser"]["Arn"]
        yield "AWS::IAM::AccessKey", result["Credentials"]["AccessKeyId"]


@sts.operation(
    "AssumeRoleWithSAML",
    access=Access.WRITE,
    resource=role_arn,
    resource_policy=trust_policy,
    conditions=_conditions,
    also=_also,
    event_resources=_event_resources,
    proof=bearer,
    read_only_event=True,
)
def assume_role_with_saml(ctx: Context, request: shapes.AssumeRoleWithSAMLRequest) -> shapes.AssumeRoleWithSAMLResponse:
    """Credentials of a session of a role, for the bearer of an assertion that has not been used before.

    Raises InvalidIdentityToken for one that has; ValidationError, InvalidParameterValue, MalformedPolicyDocument, PackedPolicyTooLarge.
    """
    identity, role = _identity(ctx), target_role(ctx, request)
    assert role is not None  # it trusts the provider
    _use_up(ctx, identity)
    made = RoleSession(role, identity.session_name or "", _session(ctx, request, identity, role))
    return {
        **issued(ctx, made, request.get("MinimumSessionTokenSize", 0)),
        "Subject": identity.subject,
        "SubjectType": str(identity.keys["saml:sub_type"]),
        "Issuer": identity.issuer,
        "Audience": identity.audience,
        "NameQualifier": str(identity.keys["saml:namequalifier"]),
    }


def _use_up(ctx: Context, identity: FederatedIdentity) -> None:
    """Raises InvalidIdentityToken if the assertion has been used; AWS takes it again for five minutes."""
    used = ctx.store.used_assertions
    if not used.use(str(identity.provider), identity.proof_id, identity.expires):
        raise InvalidIdentityToken("The SAML Assertion has already been used")
    used.forget_expired(ctx.now)


def _session(ctx: Context, request: shapes.AssumeRoleWithSAMLRequest, identity: FederatedIdentity, role: Role) -> SessionFacts:
    """What the new session carries."""
    tags = session_tags(_tags(identity), sorted(identity.transitive), None)
    return SessionFacts(
        id=f"session-{secrets.token_hex(8)}",
        issued=ctx.now,
        expires=_end(request.get("DurationSeconds"), identity, role, ctx.now),
        tags=tags.tags,
        transitive=tags.transitive,
        source_identity=identity.source_identity,
        policies=session_policies(ctx, request.get("Policy"), request.get("PolicyArns", []), role.account),
        origin=Federation(str(identity.provider), {key: identity.keys[key] for key in _LASTING}),
    )


def _end(asked: int | None, identity: FederatedIdentity, role: Role, now: int) -> int:
    """The provider may shorten what is asked for, and the session never outlives the one at the provider (NT-29). Raises
    ValidationError."""
    end = end_of_role_session(asked, role, identity, now)
    if identity.longest_session is not None:
        end = min(end, now + identity.longest_session)
    return end if identity.session_ends is None else min(end, identity.session_ends)
