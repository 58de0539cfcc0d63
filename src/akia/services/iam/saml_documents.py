"""What CreateSAMLProvider and UpdateSAMLProvider are given, read before their turn to write: metadata and private keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.federation.saml_idp import Metadata


@dataclass(frozen=True, slots=True)
class Read:
    """A request whose documents are good. `metadata` is what its metadata document says, None if it brings none."""

    request: Mapping[str, Any]
    metadata: Metadata | None


def read(request: Mapping[str, Any]) -> Read:
    """Reads the metadata and checks the private key, which takes milliseconds: the operations' `prepare`. Raises InvalidInput."""
    document, key = request.get("SAMLMetadataDocument"), request.get("AddPrivateKey")
    metadata = _metadata(document) if document is not None else None
    if key is not None:
        _check_private_key(key)
    return Read(request, metadata)


def _metadata(document: str) -> Metadata:
    from akia.federation import saml_metadata  # parsers of XML and certificates cost a tenth of a second: not at every start

    try:
        return saml_metadata.read(document)
    except ValueError as error:
        raise InvalidInput(f"Could not parse metadata: {error}.") from None


def _check_private_key(pem: str) -> None:
    from akia.federation import saml_encryption

    try:
        saml_encryption.private_key(pem)
    except ValueError as error:
        raise InvalidInput(f"Invalid private key: {error}.") from None
