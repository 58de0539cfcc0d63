"""What a token must claim, and what its claims become: the identity of its bearer, and condition keys (P4.3-25, NT-21)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.federation.condition_keys import condition_keys
from akia.federation.errors import Expired, Rejected
from akia.federation.session_claims import SessionClaims, session_claims
from akia.federation.signature import signs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from akia.federation.key_set import KeySet
    from akia.federation.token import Token

CLOCK_SKEW_SECONDS = 300
"""How far the provider's clock and ours may differ, for `exp`, `nbf` and `iat`. AWS documents these five minutes."""
LONGEST_SUBJECT = 255
LATEST = 253_402_300_799
"""The end of the year 9999, in epoch seconds."""


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Who the bearer of a verified token is. `keys` are condition keys, lower-cased; `expires` is in epoch seconds."""

    subject: str
    audience: str
    expires: int
    keys: Mapping[str, str | tuple[str, ...]]
    session: SessionClaims = field(default_factory=SessionClaims)


def verify(token: Token, keys: KeySet, issuer: str, client_ids: Collection[str], now: int) -> WebIdentity:
    """The identity that `token` proves, issued by the provider with the URL `issuer` for one of `client_ids`. `now` in epoch seconds.

    Raises Rejected, and Expired for a token that is right in everything but its time.
    """
    candidates = keys.find(token.kid, token.algorithm)
    if not any(signs(token.algorithm, key.public, token.signed, token.signature) for key in candidates):
        raise Rejected("the signature is not one of the provider's")
    claims = token.claims
    if claims.get("iss") != issuer:
        raise Rejected("the issuer is another one")
    subject, audience = _subject(claims), _audience(claims, client_ids)
    expires = _times(claims, now)
    return WebIdentity(subject, audience, expires, condition_keys(issuer, claims, audience, subject), session_claims(claims))


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Rejected("the token has no subject")
    return subject


def _audience(claims: Mapping[str, Any], client_ids: Collection[str]) -> str:
    """The client that the token was issued to: `azp` if it is there, as with AWS, else the one and only `aud`."""
    audiences = claims.get("aud")
    listed = [audiences] if isinstance(audiences, str) else audiences
    if not isinstance(listed, list) or not listed or not all(isinstance(one, str) and one for one in listed):
        raise Rejected("the token has no audience")
    if "azp" not in claims and len(listed) > 1:
        raise Rejected("the token has several audiences, and does not say which one it was issued to")
    audience = claims.get("azp", listed[0])
    if not isinstance(audience, str) or audience not in client_ids:
        raise Rejected("the token was issued to a client that is not registered with the provider")
    return audience


def _times(claims: Mapping[str, Any], now: int) -> int:
    """When the token expires. A token without an end is none (NT-29)."""
    expires, issued, not_before = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise Rejected("the token does not say when it was issued and when it expires")
    if max(issued, not_before or 0) > now + CLOCK_SKEW_SECONDS:
        raise Rejected("the token is not valid yet")
    if expires + CLOCK_SKEW_SECONDS < now:
        raise Expired("the token has expired")
    return expires


def _time(claims: Mapping[str, Any], name: str) -> int | None:
    """Whole seconds, as AWS demands: no text, no fraction, nothing that is larger than time."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LATEST:
        raise Rejected(f"the claim {name} is no time")
    return value
