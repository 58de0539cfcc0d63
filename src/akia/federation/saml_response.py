"""A SAML response, from base64 to an assertion that may be believed. The checks are numbered as in docs/federation.md."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.aws.errors import ExpiredTokenPresented, IDPRejectedClaim, InvalidIdentityToken
from akia.federation.saml_assertion import Assertion, read_assertion
from akia.federation.saml_encryption import NotDecrypted, decrypted
from akia.federation.saml_signature import NotSigned, require_signatures_only_in, signature_of, verified
from akia.federation.saml_xml import SAML, SAMLP, Unreadable, only, parse, require_distinct_ids, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from akia.federation.saml_idp import Idp

LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""
REDEEMED_WITHIN = 300
"""Seconds after its issue in which an assertion may be presented; AWS's rule."""

_ASSERTION, _ENCRYPTED = f"{SAML}Assertion", f"{SAML}EncryptedAssertion"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_SIGNATURE_INVALID = "Response signature invalid"
_OTHER_ISSUER = "Issuer not present in specified provider"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a response must fit: the provider's `idps`, the private keys (PEM) for encrypted assertions, whether only those are taken, and
    the names by which akia goes as audience and as recipient."""

    idps: Sequence[Idp]
    private_keys: Sequence[bytes]
    encrypted_only: bool
    audiences: frozenset[str]
    recipients: frozenset[str]


def open_response(text: str, expected: Expected, now: int) -> Assertion:
    """The assertion in `text`, the base64 of a Response, verified. `now` is in epoch seconds.

    Raises InvalidIdentityToken, ExpiredTokenPresented, IDPRejectedClaim.
    """
    try:
        response = _response(text)
        idp = _issuer(response, expected.idps)
        assertion = read_assertion(_signed_assertion(response, idp, expected, now))
    except (NotSigned, NotDecrypted):
        raise InvalidIdentityToken(_SIGNATURE_INVALID) from None
    except Unreadable:
        raise InvalidIdentityToken("Invalid SAML Assertion") from None
    if assertion.issuer != idp.entity_id:
        raise InvalidIdentityToken(_OTHER_ISSUER)
    _require_for_us(assertion, expected)
    _require_timely(assertion, now)
    return assertion


def forgotten_at(assertion: Assertion) -> int:
    """From when on (epoch seconds) `open_response` refuses it for its age: until then one must remember that it was used."""
    return min(assertion.issued + REDEEMED_WITHIN, assertion.not_on_or_after) + LEEWAY


def _response(text: str) -> Element:
    """Checks 1 to 3: base64, XML, a Response that says Success."""
    try:
        document = b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidIdentityToken("Invalid base64 SAMLResponse") from None
    response = parse(document)
    if response.tag != f"{SAMLP}Response" or response.get("Version") != "2.0":
        raise Unreadable("not a response")
    status = only(response, f"{SAMLP}Status")
    code = only(status, f"{SAMLP}StatusCode") if status is not None else None
    if code is None or code.get("Value") != _SUCCESS:
        raise IDPRejectedClaim("The identity provider (IdP) reported that authentication failed.")
    return response


def _issuer(response: Element, idps: Sequence[Idp]) -> Idp:
    """Check 4: which of the provider's is said to have issued it; whether that is true, its certificates tell."""
    name = _named_issuer(response) or _named_issuer(response.find(_ASSERTION))
    if name is None and len(idps) == 1:
        return idps[0]  # an encrypted assertion in a response without an Issuer: the assertion's own is compared later
    found = next((idp for idp in idps if idp.entity_id == name), None)
    if found is None:
        raise InvalidIdentityToken(_OTHER_ISSUER)
    return found


def _named_issuer(parent: Element | None) -> str | None:
    issuer = only(parent, f"{SAML}Issuer") if parent is not None else None
    return text_of(issuer).strip() if issuer is not None else None


def _signed_assertion(response: Element, idp: Idp, expected: Expected, now: int) -> Element:
    """Checks 5 to 8: one assertion, signatures where they belong and all of them good, at least one over the assertion."""
    _require_one_assertion(response)
    covered = signature_of(response) is not None
    if covered:
        response = verified(response, idp.certificates, now)
        _require_one_assertion(response)
    assertion = response.find(_ASSERTION)
    if assertion is None:
        assertion = _decrypted(response, expected, covered=covered)
    elif expected.encrypted_only:
        raise InvalidIdentityToken("The SAML provider requires encrypted assertions")
    if signature_of(assertion) is not None:
        return verified(assertion, idp.certificates, now)
    if not covered:
        raise NotSigned("neither response nor assertion")
    return assertion


def _require_one_assertion(response: Element) -> None:
    """Raises Unreadable unless there is one assertion in the whole document, plain or encrypted, directly in the response."""
    found = [*response.iter(_ASSERTION, _ENCRYPTED)]
    if len(found) != 1 or found[0].getparent() is not response or len([*response.iter(f"{SAMLP}Response")]) != 1:
        raise Unreadable("not exactly one assertion")
    require_distinct_ids(response)
    require_signatures_only_in(response, response, found[0])


def _decrypted(response: Element, expected: Expected, *, covered: bool) -> Element:
    encrypted = response.find(_ENCRYPTED)
    assert encrypted is not None
    if not expected.private_keys:
        raise InvalidIdentityToken("The SAML provider has no private key to decrypt the assertion with")
    assertion = decrypted(encrypted, expected.private_keys, covered=covered)
    if [*assertion.iter(_ASSERTION, _ENCRYPTED)] != [assertion]:
        raise Unreadable("an assertion in an assertion")
    require_distinct_ids(assertion)
    require_signatures_only_in(assertion, assertion)
    return assertion


def _require_for_us(assertion: Assertion, expected: Expected) -> None:
    """Checks 9 and 10. Every restriction must name us, be it by one of several audiences (SAML core 2.5.1.4)."""
    if not assertion.audiences or any(expected.audiences.isdisjoint(audiences) for audiences in assertion.audiences):
        raise InvalidIdentityToken("Response does not contain the required audience.")
    if assertion.recipient not in expected.recipients:
        raise InvalidIdentityToken("Response does not contain the required recipient.")


def _require_timely(assertion: Assertion, now: int) -> None:
    """Check 11."""
    if now + LEEWAY < max(assertion.issued, assertion.not_before):
        raise InvalidIdentityToken("The SAML Assertion is not yet valid")
    if assertion.issued + REDEEMED_WITHIN + LEEWAY <= now:
        raise ExpiredTokenPresented("Token must be redeemed within 5 minutes of issuance")
    if assertion.not_on_or_after + LEEWAY <= now:
        raise ExpiredTokenPresented("The SAML Assertion has expired")
    if assertion.session_ends is not None and assertion.session_ends <= now:
        raise ExpiredTokenPresented("The session at the identity provider has ended")
