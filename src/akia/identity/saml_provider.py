"""SAML providers: identity providers of an organization that an account trusts to say who somebody is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.federation.saml_idp import Idp

FOR_EVER_SECONDS = 100 * 365 * 86_400
"""How long a provider is valid whose metadata set no end: AWS tells a hundred years."""


class Encryption(StrEnum):
    """IAM's words for whether assertions must be encrypted, or may be."""

    REQUIRED = "Required"
    ALLOWED = "Allowed"


@dataclass(frozen=True, slots=True)
class SamlKey:
    """What is known of a private key for encrypted assertions, without the key: its id, and when it came (epoch seconds)."""

    id: str
    added: int


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """A provider. `uuid` names it for good, also in the address that encrypted assertions are sent to; `idps` is what its metadata says.

    `valid_until` (epoch seconds) is the metadata's own end, None if it sets none. `encryption` is None if nobody has said anything; then
    encrypted assertions are taken as soon as there is a key for them.
    """

    account: str
    name: str
    uuid: str
    created: int
    idps: tuple[Idp, ...]
    valid_until: int | None = None
    encryption: Encryption | None = None
    keys: tuple[SamlKey, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> Arn:
        return Arn("iam", "", self.account, f"saml-provider/{self.name}")

    @property
    def shown_valid_until(self) -> int:
        return self.created + FOR_EVER_SECONDS if self.valid_until is None else self.valid_until
