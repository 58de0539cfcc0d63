"""Taking a role with an assertion of a SAML provider: AssumeRoleWithSAML.

Nobody signs the call: the assertion says who asks (`saml_proof`), and the role's trust policy alone decides whether it may (P1.4-8). Each
assertion is good for one session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import InvalidIdentityToken
from akia.identity.principal import RoleSession
from akia.operation import Access, Conditions, Context, Required
from akia.services.sts._sts import sts
from akia.services.sts.duration import end_of_role_session
from akia.services.sts.federated_session import asked_to_carry, asking_conditions, federated, federated_session
from akia.services.sts.issued_role_session import issued
from akia.services.sts.saml_proof import bearer
from akia.services.sts.target_role import about_session, role_arn, target_role, trust_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from akia.identity.principal import FederatedIdentity
    from akia.identity.role import Role
    from akia.wire.shapes import sts as shapes

_LASTING = ("saml:namequalifier", "saml:sub", "saml:sub_type")
"""The keys that stay with the session; the others are there only while the role is taken."""


def _conditions(ctx: Context, request: shapes.AssumeRoleWithSAMLRequest) -> Conditions:
    return asking_conditions(ctx, request, federated(ctx).session_name)


def _also(ctx: Context, request: shapes.AssumeRoleWithSAMLRequest) -> Iterator[Required]:
    return asked_to_carry(ctx, request, _conditions(ctx, request))


def _event_resources(request: shapes.AssumeRoleWithSAMLRequest, result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    role, *made = about_session(request, result)
    return [role, ("AWS::IAM::SAMLProvider", request["PrincipalArn"]), *made]


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
    identity, role = federated(ctx), target_role(ctx, request)
    assert role is not None  # it trusts the provider
    _use_up(ctx, identity)
    expires = _end(ctx, request.get("DurationSeconds"), identity, role)
    session = federated_session(ctx, request, role, expires, {key: identity.keys[key] for key in _LASTING})
    made = RoleSession(role, identity.session_name or "", session)
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


def _end(ctx: Context, asked: int | None, identity: FederatedIdentity, role: Role) -> int:
    """The provider may shorten what is asked for, and the session never outlives the one at the provider (NT-29). Raises
    ValidationError."""
    end = end_of_role_session(asked, role, ctx.caller, ctx.now)
    if identity.longest_session is not None:
        end = min(end, ctx.now + identity.longest_session)
    return end if identity.session_ends is None else min(end, identity.session_ends)
