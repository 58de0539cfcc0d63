"""The client with which a channel reaches its other side: checked addresses (NT-23), and trust in the authorities of its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from akia.alerts_out.channel import NotSent
from akia.outbound import OutboundClient, OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.alerts_out.settings_file import ChannelSettings


def client(settings: ChannelSettings, allowed_networks: Iterable[str]) -> OutboundClient:
    """Made anew for each message, since the file of authorities may be replaced, or come late. Raises NotSent."""
    try:
        return OutboundClient(allowed_networks, authorities=Path(settings.ca_file) if settings.ca_file else None)
    except OutboundError as error:
        raise NotSent(f"{settings.ca_file}: {error}") from None
