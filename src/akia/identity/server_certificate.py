"""Server certificates: a certificate with its chain and its private key, kept for whatever serves TLS in the account's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.named import Named

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ServerCertificate(Named):
    """All that is known of one but its private key. `expires` is in epoch seconds; `body` and `chain` are PEM texts as uploaded."""

    resource = "server-certificate"

    expires: int
    body: str = field(repr=False)
    chain: str | None = field(default=None, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)
