"""What akia asks of the outside world: HTTPS requests to addresses that somebody else has chosen (NT-23).

client = OutboundClient(("10.1.0.0/16",))
reply = client.get("https://idp.example.com/.well-known/openid-configuration", redirects=3)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.outbound.errors import NotTrusted, OutboundError, OutboundRefused

if TYPE_CHECKING:
    from akia.outbound.client import OutboundClient, Reply

__all__ = ["NotTrusted", "OutboundClient", "OutboundError", "OutboundRefused", "Reply"]


def __getattr__(name: str) -> Any:
    """The client is imported when somebody asks for it: httpcore takes a fifth of a second, which no start needs to wait for."""
    if name not in {"OutboundClient", "Reply"}:
        raise AttributeError(name)
    from akia.outbound import client

    return getattr(client, name)
