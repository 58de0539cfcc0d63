"""A token's claims as condition keys of its provider: `<host/path>:sub` and the like (P4.3-25)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value = str | tuple[str, ...]

LASTING = ("aud", "sub", "amr", "oaud")
"""The claims whose keys last as long as the session; the others are for the trust policy."""

_OWN_RULES = frozenset({"iss", "aud", "azp", "sub", "amr", "oaud", "exp", "iat", "nbf", "jti", "nonce", "email"})
_OF_SESSIONS = "https://aws.amazon.com/"
_MULTIVALUED = "amr"


def condition_keys(issuer: str, claims: Mapping[str, Any], audience: str, subject: str) -> Mapping[str, Value]:
    """The keys, lower-cased, of a token of the provider with the URL `issuer`.

    `aud` is the client that the token was issued to; where `azp` names it, `oaud` is the original audience. Texts, whole numbers, truth
    values and lists of them become keys; a list becomes a multivalued one.
    """
    keys: dict[str, Value] = dict(_freely_named(claims))
    keys |= {"aud": audience, "sub": subject}
    if "azp" in claims:
        keys["azp"] = audience
        keys["oaud"] = _value(claims["aud"]) or ""
    methods = _value(claims.get(_MULTIVALUED))
    if methods is not None:
        keys[_MULTIVALUED] = (methods,) if isinstance(methods, str) else methods
    if _is_verified_email(claims):
        keys["email"] = claims["email"]
    return {f"{_prefix(issuer)}:{name}": value for name, value in keys.items()}


def lasting_keys(issuer: str, keys: Mapping[str, Value]) -> Mapping[str, Value]:
    """Those of `keys`, which `condition_keys` has made, that last as long as the session."""
    names = [f"{_prefix(issuer)}:{name}" for name in LASTING]
    return {name: keys[name] for name in names if name in keys}


def _prefix(issuer: str) -> str:
    return issuer.removeprefix("https://").lower()


def _freely_named(claims: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """Claims without a rule of their own. A name that differs from another's by case alone says nothing; nor does one that begins with a
    digit, as the port of another provider's URL would."""
    written = Counter(name.lower() for name in claims)
    for name, claim in claims.items():
        folded = name.lower()
        if folded in _OWN_RULES or written[folded] > 1 or folded.startswith(_OF_SESSIONS) or not folded or folded[0].isdigit():
            continue
        value = _value(claim)
        if value is not None:
            yield folded, value


def _value(claim: object) -> Value | None:
    if isinstance(claim, list):
        values = [_text(one) for one in claim]
        return tuple(value for value in values if value is not None) if claim and None not in values else None
    return _text(claim)


def _text(claim: object) -> str | None:
    if isinstance(claim, bool):
        return "true" if claim else "false"
    if isinstance(claim, int):
        return str(claim)
    return claim if isinstance(claim, str) else None


def _is_verified_email(claims: Mapping[str, Any]) -> bool:
    """NT-24: an address that nobody has verified is an address that anybody may claim."""
    verified = claims.get("email_verified")
    return isinstance(claims.get("email"), str) and (verified is True or verified == "true")
