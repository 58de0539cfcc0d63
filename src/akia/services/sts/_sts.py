"""What STS's operations share: the registry, ids of sessions, credentials as the wire wants them, and what events say of them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from akia.operation import Operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from akia.authority.session_tokens import Credentials
    from akia.wire.shapes import sts as shapes

sts = Operations("sts")


def fresh_session_id() -> str:
    """The id of a new session, by which it can be revoked."""
    return f"session-{secrets.token_hex(8)}"


def to_wire(credentials: Credentials) -> shapes.Credentials:
    """Temporary credentials as STS answers them: the only time that anybody sees the secret."""
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret,
        "SessionToken": credentials.token,
        "Expiration": datetime.fromtimestamp(credentials.expires, UTC),
    }


def about_key(request: object, result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The event's resource: the session's key, so that its calls are found from those of the key that it descends from."""
    if result is not None:
        yield "AWS::IAM::AccessKey", result["Credentials"]["AccessKeyId"]
