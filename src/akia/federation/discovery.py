"""OpenID Connect Discovery: where a provider keeps its keys."""

from __future__ import annotations

from akia.federation.json_text import json_object

LONGEST_URL = 2_048


def discovery_url(issuer: str) -> str:
    """Where the provider with the URL `issuer` describes itself."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def keys_url(document: bytes, issuer: str) -> str:
    """Where the provider's own description says that its keys are. Raises ValueError if it is somebody else's description, or none."""
    described = json_object(document)
    if described.get("issuer") != issuer:
        raise ValueError("the provider describes itself as another issuer")
    url = described.get("jwks_uri")
    if not isinstance(url, str) or len(url) > LONGEST_URL:
        raise ValueError("the provider does not say where its keys are")
    return url
