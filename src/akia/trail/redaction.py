"""What must never be in a record (AC3): the members that the models do not mark as sensitive, by name.

The rest is dropped by the models' own `sensitive` traits before it comes here (AC3.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DROPPED = frozenset(
    {
        "tokenCode",  # AC3.1 row e
        "sAMLAssertion",
        "webIdentityToken",
        "tradeInToken",
        "password",  # row b
        "newPassword",
        "oldPassword",
        "secretAccessKey",  # row a
        "secretString",  # row g
        "secretBinary",
        "clientRequestTokenSecret",
        "rotationToken",
        "authenticationCode1",
        "authenticationCode2",
        "base32StringSeed",  # row c
        "qRCodePNG",
        "serviceSpecificCredentialSecret",
        "servicePassword",  # row d
        "serviceCredentialSecret",
        "privateKey",
        "eventData",  # events from outside: they stand in their store, and may hold what is secret elsewhere
    }
)
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_PRIVATE_KEY = "PRIVATE KEY-----"
"""In whatever member it stands: somebody will paste a private key where its certificate or its public half is meant (NT-67)."""


def redacted(elements: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A copy without secrets. Session tokens have become their SHA-256 before (AC3.3)."""
    if not elements:
        return None
    clean: dict[str, Any] = {}
    for name, value in elements.items():
        if name in _DROPPED:
            continue
        if isinstance(value, Mapping):
            clean[name] = redacted(value)
        elif isinstance(value, list):
            clean[name] = [redacted(item) if isinstance(item, Mapping) else _text(item) for item in value]
        else:
            clean[name] = _text(value)
    return clean


def _text(value: Any) -> Any:
    return HIDDEN if isinstance(value, str) and _PRIVATE_KEY in value else value
