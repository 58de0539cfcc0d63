"""How the body is bound to the signature (SV1.5)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.sigv4.request import Expectation, Fields

UNSIGNED = b"UNSIGNED-PAYLOAD"
_OF_NOTHING = sha256(b"").hexdigest().encode()


def payload_hash(body: bytes, fields: Fields, expected: Expectation, *, presigned: bool) -> tuple[bytes, str]:
    """The hash of the body that arrived, for the canonical request, and a reason for rule 16 to refuse if another one was claimed.

    So `UNSIGNED-PAYLOAD` and `STREAMING-...` are refused wherever `expected` does not take them, and so is a hash in capitals (NT-12).
    """
    claimed = fields.get(b"x-amz-content-sha256")
    if expected.unsigned_payload and (claimed == UNSIGNED or (claimed is None and presigned and expected.s3)):
        return UNSIGNED, ""
    actual = sha256(body).hexdigest().encode() if body else _OF_NOTHING
    return actual, "" if claimed is None or claimed == actual else "the body is not the one whose hash is claimed"
