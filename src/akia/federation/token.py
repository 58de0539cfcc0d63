"""JSON web tokens in their compact form, taken apart (RFC 7515, RFC 7519). Nothing that stands in one is believed here."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.federation.errors import Rejected
from akia.federation.json_text import json_object
from akia.federation.signature import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TOKEN = 20_000
"""Characters: what the model of AssumeRoleWithWebIdentity allows (W10.17)."""
LONGEST_KEY_ID = 1_024

_PART = re.compile("[A-Za-z0-9_-]+", re.ASCII)
_KEYS_IN_HEADERS = ("jwk", "jku", "x5u")
"""Where a token may name or bring the key that it is signed with. No such key is ever used or fetched (NT-20)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that has the form of one. `signed` are the bytes that `signature` is said to sign."""

    algorithm: str
    kid: str
    claims: Mapping[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def issuer(self) -> str | None:
        """Who claims to have issued it: good for finding the provider whose keys are to be tried, and for nothing else."""
        issuer = self.claims.get("iss")
        return issuer if isinstance(issuer, str) else None


def read(text: str) -> Token:
    """The parts of the token `text`. Raises Rejected for what no provider would issue, unsigned tokens above all (NT-19, NT-20)."""
    if len(text) > LONGEST_TOKEN:
        raise Rejected("the token is too long")
    parts = text.split(".")
    if len(parts) != 3:
        raise Rejected("a signed token has three parts")
    header, claims = (_members(part) for part in parts[:2])
    _check_header(header)
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    return Token(header["alg"], header["kid"], claims, signed, _decoded(parts[2]))


def _check_header(header: Mapping[str, Any]) -> None:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Rejected("the token is not signed with an algorithm that is allowed")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KEY_ID:
        raise Rejected("the token does not say which key it is signed with")
    if "crit" in header or "b64" in header:
        raise Rejected("the token demands extensions that are not known")
    if any(name in header for name in _KEYS_IN_HEADERS):
        raise Rejected("the token brings a key of its own")
    if "zip" in header or "enc" in header or str(header.get("cty", "")).upper() == "JWT":
        raise Rejected("the token holds another token")


def _members(part: str) -> Mapping[str, Any]:
    try:
        return json_object(_decoded(part))
    except ValueError as error:
        raise Rejected(f"a part of the token cannot be read: {error}") from None


def _decoded(part: str) -> bytes:
    """The bytes of a part. Base64 has spellings that differ in bits that do not count: only the usual one is taken."""
    if not _PART.fullmatch(part):
        raise Rejected("a part of the token is empty or not base64url")
    try:
        decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise Rejected("a part of the token is not base64url") from None
    if urlsafe_b64encode(decoded).rstrip(b"=").decode("ascii") != part:
        raise Rejected("a part of the token is spelt in an unusual way")
    return decoded
