"""What akia keeps of an identity provider's metadata. Free of XML, so that whoever only passes it along does not load a parser."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGN_IN = "https://signin.aws.amazon.com/saml"
"""AWS's own sign-in endpoint: the audience and the recipient that identity providers have been set up with for AWS."""


@dataclass(frozen=True, slots=True)
class Idp:
    """One identity provider: its name for itself (`entity_id`, which its assertions call Issuer), the certificates that it signs with
    (DER), and where it lets people sign in, as `(binding, location)` pairs."""

    entity_id: str
    certificates: tuple[bytes, ...]
    endpoints: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> Mapping[str, Any]:
        certificates = [b64encode(certificate).decode("ascii") for certificate in self.certificates]
        return {"entity_id": self.entity_id, "certificates": certificates, "endpoints": [list(pair) for pair in self.endpoints]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Idp:
        certificates = tuple(b64decode(text, validate=True) for text in value["certificates"])
        return cls(value["entity_id"], certificates, tuple((binding, location) for binding, location in value["endpoints"]))


@dataclass(frozen=True, slots=True)
class Metadata:
    """A metadata document, read. `valid_until` is in epoch seconds; None if the document sets no end."""

    idps: tuple[Idp, ...]
    valid_until: int | None
