"""What STS's operations share: the registry, and credentials as the wire wants them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from akia.operation import Operations

if TYPE_CHECKING:
    from akia.authority.session_tokens import Credentials
    from akia.wire.shapes import sts as shapes

sts = Operations("sts")


def to_wire(credentials: Credentials) -> shapes.Credentials:
    """Temporary credentials as STS answers them: the only time that anybody sees the secret."""
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret,
        "SessionToken": credentials.token,
        "Expiration": datetime.fromtimestamp(credentials.expires, UTC),
    }
