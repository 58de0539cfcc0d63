"""Server certificates: a certificate with its chain and its private key, kept for whatever serves TLS in the account's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """All that is known of one but its private key. Names are unique in their account without regard to case, and keep their case.

    `created` and `expires` are in epoch seconds; `body` and `chain` are PEM texts as uploaded.
    """

    account: str
    id: str
    name: str
    path: str
    created: int
    expires: int
    body: str = field(repr=False)
    chain: str | None = field(default=None, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> Arn:
        return Arn("iam", "", self.account, f"server-certificate{self.path}{self.name}")
