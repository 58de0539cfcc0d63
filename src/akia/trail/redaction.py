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
    """A copy without secrets; None for nothing at all. Session tokens have become their SHA-256 before (AC3.3)."""
    return _members(elements) if elements else None


def _members(elements: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in elements.items() if name not in _DROPPED}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return HIDDEN if isinstance(value, str) and _PRIVATE_KEY in value else value
