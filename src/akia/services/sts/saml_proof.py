"""Who presents an assertion: the proof of AssumeRoleWithSAML.

Verifying a signature takes one or two milliseconds, opening an encrypted assertion a few more. That is short enough to do in place:
whoever sends rubbish is turned away as a stranger before long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.aws.errors import AccessDenied, InvalidIdentityToken, ServiceUnavailable
from akia.aws.regions import NAMES
from akia.federation.saml_idp import SIGN_IN
from akia.identity.principal import FederatedIdentity, FederationKind
from akia.identity.saml_provider import Encryption
from akia.keyring import Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.federation.saml_assertion import Assertion
    from akia.federation.saml_claims import Claims
    from akia.federation.saml_response import Expected
    from akia.identity.saml_provider import SamlProvider
    from akia.operation import Threshold
    from akia.wire.shapes import sts as shapes

AUDIENCES = ("urn:amazon:webservices", SIGN_IN)
_PROVIDER = "saml-provider/"


def bearer(at: Threshold, request: shapes.AssumeRoleWithSAMLRequest) -> FederatedIdentity:
    """The bearer of the request's assertion, if the provider vouches for it and offers it the role that is asked for.

    Raises InvalidIdentityToken, ExpiredTokenPresented, IDPRejectedClaim, AccessDenied.
    """
    from akia.federation.saml_claims import claims_of
    from akia.federation.saml_response import open_response  # parsers cost a tenth of a second: not at every start

    provider = _provider(at, request["PrincipalArn"])
    assertion = open_response(request["SAMLAssertion"], _expected(at, provider), at.now)
    claims = claims_of(assertion)
    offered = claims.offers(request["RoleArn"], request["PrincipalArn"]) and _account(request["RoleArn"]) == provider.account
    if not assertion.subject or not offered:
        raise AccessDenied("Not authorized to perform sts:AssumeRoleWithSAML")
    return _identity(provider, assertion, claims)


def _provider(at: Threshold, arn: str) -> SamlProvider:
    """The provider of that ARN, if its metadata still holds. Raises InvalidIdentityToken."""
    account, _, name = arn.removeprefix("arn:aws:iam::").partition(f":{_PROVIDER}")
    provider = at.store.saml_providers.named(account, name)
    if provider is None or str(provider.arn) != arn:
        raise InvalidIdentityToken("Specified provider doesn't exist")
    if provider.valid_until is not None and provider.valid_until <= at.now:
        raise InvalidIdentityToken("The metadata of the specified provider has expired")
    return provider


def _account(arn: str) -> str:
    try:
        return Arn.parse(arn).account
    except ValueError:
        return ""


def _expected(at: Threshold, provider: SamlProvider) -> Expected:
    from akia.federation.saml_response import Expected

    addresses = frozenset(_addresses(at.authority.endpoint, provider.uuid))
    return Expected(
        idps=provider.idps,
        private_keys=_private_keys(at, provider) if provider.keys else (),
        encrypted_only=provider.encryption is Encryption.REQUIRED,
        audiences=addresses.union(AUDIENCES),
        recipients=addresses,
    )


def _private_keys(at: Threshold, provider: SamlProvider) -> list[bytes]:
    try:
        return at.store.saml_providers.private_keys(provider)
    except Unsealable:
        raise ServiceUnavailable("The service is unavailable. Please try again.", detail=f"no key of {provider.uuid} opens") from None


def _addresses(endpoint: str, uuid: str) -> Iterable[str]:
    """Where assertions for us may be sent to: AWS's sign-in page, which providers know, worldwide and of each region, and our own. For
    encrypted ones each has an address of its own for each provider. Of no header: whoever calls says what those are (NT-92)."""
    own = [f"{endpoint}/saml"] if endpoint else []
    for page in (SIGN_IN, *(f"https://{region}.signin.aws.amazon.com/saml" for region in sorted(NAMES)), *own):
        yield page
        yield f"{page}/acs/{uuid}"


def _identity(provider: SamlProvider, assertion: Assertion, claims: Claims) -> FederatedIdentity:
    from akia.federation.saml_claims import condition_keys
    from akia.federation.saml_response import forgotten_at

    keys = condition_keys(assertion, provider.account, provider.name)
    return FederatedIdentity(
        kind=FederationKind.SAML,
        provider=provider.arn,
        issuer=assertion.issuer,
        subject=assertion.subject,
        audience=assertion.recipient,
        unique_id=f"{keys['saml:namequalifier']}:{assertion.subject}",
        expires=forgotten_at(assertion),
        keys=keys,
        session_tags=claims.tags,
        transitive=claims.transitive,
        source_identity=claims.source_identity,
        proof_id=assertion.id,
        session_name=claims.session_name,
        longest_session=claims.seconds,
        session_ends=assertion.session_ends,
    )
