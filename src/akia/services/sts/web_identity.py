"""Taking a role with a token of an OpenID Connect provider: AssumeRoleWithWebIdentity.

The token is the proof of who asks: nothing is signed. The role's trust policy alone decides what comes of it (P1.4-8, P1.7-1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia import federation
from akia.aws.errors import ExpiredTokenPresented, IDPCommunicationError, InvalidIdentityToken, ValidationError
from akia.federation import Expired, NoKeys, Rejected
from akia.identity.openid_provider import OpenIdProvider, openid_provider_arn
from akia.identity.outbound_issuer import issuer_url
from akia.identity.principal import FederatedIdentity, FederationKind, RoleSession
from akia.operation import Access, Conditions, Context, Required, Threshold, Waits
from akia.services.sts._sts import sts
from akia.services.sts.duration import end_of_role_session
from akia.services.sts.federated_session import asked_to_carry, asking_conditions, federated, federated_session
from akia.services.sts.issued_role_session import issued
from akia.services.sts.target_role import about_session, role_account, role_arn, target_role, trust_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.federation import Token
    from akia.wire.shapes import sts as shapes

_NOT_VALIDATED = "The web identity token that was passed could not be validated."
"""The one answer to every token that proves nothing, whatever is wrong with it (NT-22)."""
_UNREACHABLE = "Couldn't retrieve verification key from your identity provider. Please try again."


# Who asks


def _bearer(at: Threshold, request: shapes.AssumeRoleWithWebIdentityRequest) -> FederatedIdentity:
    """Whom the token proves to ask. Raises InvalidIdentityToken, ExpiredTokenPresented, IDPCommunicationError, ValidationError; Waits."""
    account = role_account(request)
    if "ProviderId" in request:
        raise ValidationError("ProviderId is for OAuth 2.0 access tokens; do not specify it for OpenID Connect ID tokens.")
    try:
        token = federation.read(request["WebIdentityToken"])
        return _proven(at, token, _issuer(at, token, account))
    except Expired as error:
        raise ExpiredTokenPresented("The web identity token that was passed is expired.", detail=str(error)) from None
    except Rejected as error:
        raise InvalidIdentityToken(_NOT_VALIDATED, detail=str(error)) from None


def _issuer(at: Threshold, token: Token, account: str) -> OpenIdProvider:
    """The provider of the role's account whose URL is the token's issuer, letter by letter. Raises Rejected.

    This akia is none: a session of minutes would go on for hours by its own token (NT-29). AWS does not take those of its own either.
    """
    issuer = token.issuer or ""
    if issuer.startswith(issuer_url(at.authority.endpoint, "")):
        raise Rejected("tokens that are issued here prove nothing here")
    provider = at.store.openid_providers.with_arn(str(openid_provider_arn(account, issuer)))
    if provider is None or provider.url != issuer:
        federation.refuse_unknown_issuer(token)
    return provider


def _proven(at: Threshold, token: Token, provider: OpenIdProvider) -> FederatedIdentity:
    """The bearer of a token of `provider`. Raises Rejected, Expired, IDPCommunicationError, Waits."""
    keys = at.authority.provider_keys.find(provider, token.kid, at.now)
    if keys is NoKeys.ASK:
        raise Waits(f"keys {provider.arn}", at.authority.provider_keys.fetching(provider, at.now))
    if keys is NoKeys.UNREACHABLE:
        raise IDPCommunicationError(_UNREACHABLE)
    if isinstance(keys, NoKeys):
        raise Rejected("the provider has no key of the name that the token is signed with")
    proven = federation.verify(token, keys, provider.url, provider.client_ids, at.now)
    return FederatedIdentity(
        kind=FederationKind.WEB_IDENTITY,
        provider=provider.arn,
        issuer=provider.url,
        subject=proven.subject,
        audience=proven.audience,
        unique_id=f"{provider.arn}:{proven.audience}:{proven.subject}",
        expires=proven.expires,
        keys=proven.keys,
        session_tags=proven.session.tags,
        transitive=frozenset(proven.session.transitive),
        source_identity=proven.session.source_identity,
    )


# What is asked of the trust policy


def _conditions(ctx: Context, request: shapes.AssumeRoleWithWebIdentityRequest) -> Conditions:
    return asking_conditions(ctx, request, request["RoleSessionName"])


def _also(ctx: Context, request: shapes.AssumeRoleWithWebIdentityRequest) -> Iterator[Required]:
    return asked_to_carry(ctx, request, _conditions(ctx, request))


@sts.operation(
    "AssumeRoleWithWebIdentity",
    access=Access.WRITE,
    resource=role_arn,
    resource_policy=trust_policy,
    conditions=_conditions,
    also=_also,
    event_resources=about_session,
    proof=_bearer,
    writes=False,
    read_only_event=True,
)
def assume_role_with_web_identity(
    ctx: Context, request: shapes.AssumeRoleWithWebIdentityRequest
) -> shapes.AssumeRoleWithWebIdentityResponse:
    """Credentials of a session of a role, which may do what the role may and the session's own policies allow (P1.7-8).

    As with AWS the session may outlive the token: tokens are made for minutes. Raises ValidationError, InvalidParameterValue,
    MalformedPolicyDocument, PackedPolicyTooLarge.
    """
    who, role = federated(ctx), target_role(ctx, request)
    assert role is not None  # it trusts the provider
    expires = end_of_role_session(request.get("DurationSeconds"), role, ctx.caller, ctx.now)
    session = federated_session(ctx, request, role, expires, federation.lasting_keys(who.issuer, who.keys))
    made = RoleSession(role, request["RoleSessionName"], session)
    return {
        **issued(ctx, made, request.get("MinimumSessionTokenSize", 0)),
        "SubjectFromWebIdentityToken": who.subject,
        "Provider": str(who.provider),
        "Audience": who.audience,
    }
