"""What a signature says about itself, be it in the Authorization header or in the query (SV2). Nothing in it is proven yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from akia.sigv4.scope import Scope
    from akia.sigv4.signed_headers import SignedHeaders

_KEY_ID = re.compile(rb"[A-Za-z0-9_]{16,128}")


class Claim(NamedTuple):
    """The parts that rules 6 and 7 have found."""

    access_key_id: bytes
    """Up to the credential's first slash, any bytes."""
    scope: Scope
    signed_headers: SignedHeaders
    signature: bytes
    """As sent. Rule 16 alone judges it."""
    date: bytes
    """As sent; rule 9 judges it."""
    session_token: bytes | None
    region_set: bytes | None
    presigned: bool
    expires: bytes | None = None
    """`X-Amz-Expires` as sent."""
    doubt: str = ""
    """A reason for rule 16 to refuse."""


def is_key_id(raw: bytes) -> bool:
    """Whether `raw` has the form of an access key id. Others never reach a look-up (NT-39)."""
    return _KEY_ID.fullmatch(raw) is not None
