"""What the attributes of an assertion mean to AWS: roles, the session's name, length, tags and source identity, and condition keys."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex  # type: ignore[import-untyped]  # it ships no types

from akia.aws.errors import InvalidIdentityToken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.federation.saml_assertion import Assertion

_AWS = "https://aws.amazon.com/SAML/Attributes/"
_TAG = f"{_AWS}PrincipalTag:"
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_TAG_TEXT = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
_SHORTEST, _LONGEST = 900, 43_200

_EDU = "urn:oid:1.3.6.1.4.1.5923.1."
_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_LISTS: Mapping[str, str] = {
    f"{_EDU}1.1.1": "edupersonaffiliation",
    f"{_EDU}1.1.2": "edupersonnickname",
    f"{_EDU}1.1.4": "edupersonorgunitdn",
    f"{_EDU}1.1.7": "edupersonentitlement",
    f"{_EDU}1.1.9": "edupersonscopedaffiliation",
    f"{_EDU}1.1.10": "edupersontargetedid",
    f"{_EDU}1.1.11": "edupersonassurance",
    f"{_EDU}2.1.2": "eduorghomepageuri",
    f"{_EDU}2.1.3": "eduorgidentityauthnpolicyuri",
    f"{_EDU}2.1.4": "eduorglegalname",
    f"{_EDU}2.1.5": "eduorgsuperioruri",
    f"{_EDU}2.1.6": "eduorgwhitepagesuri",
    "urn:oid:2.5.4.3": "cn",
}
_TEXTS: Mapping[str, str] = {
    f"{_EDU}1.1.3": "edupersonorgdn",
    f"{_EDU}1.1.5": "edupersonprimaryaffiliation",
    f"{_EDU}1.1.6": "edupersonprincipalname",
    f"{_EDU}1.1.8": "edupersonprimaryorgunitdn",
    f"{_CLAIM}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonname",
    f"{_CLAIM}givenname": "givenname",
    f"{_CLAIM}surname": "surname",
    f"{_CLAIM}emailaddress": "mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "primarygroupsid",
    "2.5.4.3": "commonname",
    "2.5.4.4": "surname",
    "2.5.4.42": "givenname",
    "2.5.4.45": "x500uniqueidentifier",
    "0.9.2342.19200300.100.1.1": "uid",
    "0.9.2342.19200300.100.1.3": "mail",
    "0.9.2342.19200300.100.1.45": "organizationstatus",
}
"""AWS's mapping of attributes to keys. Its tables misprint two object identifiers, and send the primary group to `saml:uid` though there is
a `saml:primaryGroupSID`; here they stand as X.500 and RFC 4524 have them."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an assertion asks for. `roles` are pairs of ARNs, each of a role and a provider, in no order; `seconds` the longest session."""

    roles: frozenset[frozenset[str]]
    session_name: str
    seconds: int | None
    tags: Mapping[str, str]
    transitive: frozenset[str]
    source_identity: str | None

    def offers(self, role: str, provider: str) -> bool:
        """Whether the role `role` may be taken through the provider `provider`, both ARNs."""
        return role != provider and frozenset({role, provider}) in self.roles


def claims_of(assertion: Assertion) -> Claims:
    """Raises InvalidIdentityToken, in AWS's words where they are known."""
    return Claims(
        roles=frozenset(frozenset(part.strip() for part in value.split(",")) for value in assertion.attributes.get(f"{_AWS}Role", ())),
        session_name=_session_name(assertion),
        seconds=_seconds(assertion),
        tags=_tags(assertion),
        transitive=frozenset(assertion.attributes.get(f"{_AWS}TransitiveTagKeys", ())),
        source_identity=_source_identity(assertion),
    )


def condition_keys(assertion: Assertion, account: str, provider: str) -> Mapping[str, str | tuple[str, ...]]:
    """The `saml:` keys (P4.3-25), lower-cased. `provider` is the friendly name of the SAML provider in `account`."""
    keys: dict[str, str | tuple[str, ...]] = {
        "saml:aud": assertion.recipient,
        "saml:iss": assertion.issuer,
        "saml:sub": assertion.subject,
        "saml:sub_type": assertion.subject_type,
        "saml:namequalifier": name_qualifier(assertion.issuer, account, provider),
        "saml:doc": f"{account}/{provider}",
    }
    for name, values in assertion.attributes.items():
        given = tuple(value for value in values if value)
        if given and name in _LISTS:
            keys[f"saml:{_LISTS[name]}"] = given
        elif given and name in _TEXTS:
            keys.setdefault(f"saml:{_TEXTS[name]}", given[0])  # one claim a key: the first
    return keys


def name_qualifier(issuer: str, account: str, provider: str) -> str:
    """AWS's hash that tells subjects of one provider from those of another. Nothing is protected by it."""
    return b64encode(hashlib.sha1(f"{issuer}{account}/{provider}".encode(), usedforsecurity=False).digest()).decode("ascii")


def _session_name(assertion: Assertion) -> str:
    name = _single(assertion, "RoleSessionName")
    if name is None:
        raise InvalidIdentityToken("RoleSessionName is required in AuthnResponse")
    if not _NAME.fullmatch(name):
        raise InvalidIdentityToken("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return name


def _source_identity(assertion: Assertion) -> str | None:
    """SI17.3."""
    given = _single(assertion, "SourceIdentity")
    if given is not None and not _NAME.fullmatch(given):  # which has no colon, so none begins with "aws:"
        raise InvalidIdentityToken('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
    return given


def _seconds(assertion: Assertion) -> int | None:
    given = _single(assertion, "SessionDuration")
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", given, re.ASCII) or not _SHORTEST <= int(given) <= _LONGEST:
        raise InvalidIdentityToken(f"SessionDuration in AuthnResponse must be between {_SHORTEST} and {_LONGEST}")
    return int(given)


def _tags(assertion: Assertion) -> Mapping[str, str]:
    tags: dict[str, str] = {}
    for name in assertion.attributes:
        if name.startswith(_TAG):
            key, value = name.removeprefix(_TAG), _single(assertion, name.removeprefix(_AWS))
            if value is None or not key or not _is_tag_text(key, 128) or not _is_tag_text(value, 256):
                raise InvalidIdentityToken("PrincipalTag in AuthnResponse must be one tag with one value")
            tags[key] = value
    return tags


def _is_tag_text(text: str, longest: int) -> bool:
    return len(text) <= longest and _TAG_TEXT.fullmatch(text) is not None


def _single(assertion: Assertion, name: str) -> str | None:
    """The value of AWS's attribute `name`, None if it has none. Raises InvalidIdentityToken for several: which is meant must not be a
    guess."""
    values = assertion.attributes.get(f"{_AWS}{name}", ())
    if len(values) > 1:
        raise InvalidIdentityToken(f"{name.partition(':')[0]} in AuthnResponse must have one value")
    return values[0] if values else None
