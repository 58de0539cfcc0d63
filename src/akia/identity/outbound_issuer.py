"""An account as an issuer of web identity tokens for others (SI17.5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutboundIssuer:
    """`id` stands in the account's issuer URL, and does not tell the account. It stays when the feature is disabled: whoever trusts the URL
    trusts the same account after it is enabled again. `created` is in epoch seconds."""

    account: str
    id: str
    created: int
    enabled: bool = True


def issuer_url(endpoint: str, issuer_id: str) -> str:
    """The issuer URL, below `endpoint`, the URL that clients use."""
    return f"{endpoint}{PATH}{issuer_id}"


PATH = "/outbound/"
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/.well-known/jwks.json"
"""Below the issuer URL."""
