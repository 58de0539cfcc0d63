"""Service-specific credentials: a name and a secret with which a user speaks to one service that knows no signatures.

Two kinds: a password with a user name (Git, Cassandra), and a long-term API key that may expire, whose name is its alias.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from akia.identity.access_key import KeyStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PASSWORD_SERVICES = frozenset({"codecommit.amazonaws.com", "cassandra.amazonaws.com"})
API_KEYS: Mapping[str, str] = {
    "bedrock.amazonaws.com": "ABSK",
    "aws-external-anthropic.amazonaws.com": "AEAA",
    "cloudwatch.amazonaws.com": "APIAACWM",
    "logs.amazonaws.com": "ACWL",
}
"""The services of long-term API keys, each with what its keys begin with, so that scanners know a leaked one."""

EXPIRED = "Expired"
"""The status of what has expired, which nobody can set."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class ServiceCredential:
    """A credential of the user whose unique id is `owner`, without its secret. `name` is the user name or the alias, unique among those of
    the service in the account, and stays when the user is renamed. Times are in epoch seconds; `expires` None: never."""

    account: str
    id: str
    owner: str
    created: int
    service: str
    name: str
    expires: int | None = None
    status: KeyStatus = KeyStatus.ACTIVE

    @property
    def is_api_key(self) -> bool:
        return self.service in API_KEYS

    def has_expired(self, now: int) -> bool:
        return self.expires is not None and now >= self.expires

    def is_usable(self, now: int) -> bool:
        return self.status is KeyStatus.ACTIVE and not self.has_expired(now)

    def status_at(self, now: int) -> str:
        """AWS's word for it: Active, Inactive, Expired."""
        return EXPIRED if self.has_expired(now) else self.status.value


def is_supported(service: str) -> bool:
    return service in PASSWORD_SERVICES or service in API_KEYS


def names(user: str, account: str) -> Iterator[str]:
    """What a credential of `user` may be called, the plainest first: `jane-at-123456789012`, `jane+1-at-123456789012`, ..."""
    yield f"{user}-at-{account}"
    number = 0
    while True:
        number += 1
        yield f"{user}+{number}-at-{account}"


def new_secret(service: str, name: str) -> str:
    """A password of 256 random bits; for an API key with the service's prefix, and with the name inside, as AWS's keys have it."""
    secret = b64encode(secrets.token_bytes(32)).decode("ascii")
    prefix = API_KEYS.get(service)
    return secret if prefix is None else prefix + b64encode(f"{name}:{secret}".encode()).decode("ascii")


def digest(secret: str) -> bytes:
    """What is kept of a secret. It has 256 random bits, so that one round of SHA-256 is as good as a slow hash."""
    return sha256(secret.encode("utf-8")).digest()
