"""What akia asks of the outside world: HTTPS requests to addresses that somebody else has chosen (NT-23).

client = OutboundClient(("10.1.0.0/16",))
reply = client.get("https://idp.example.com/.well-known/openid-configuration", redirects=3)
"""

from akia.outbound.client import OutboundClient, Reply
from akia.outbound.errors import NotTrusted, OutboundError, OutboundRefused

__all__ = ["NotTrusted", "OutboundClient", "OutboundError", "OutboundRefused", "Reply"]
