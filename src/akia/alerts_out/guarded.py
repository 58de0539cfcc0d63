"""A TCP connection to where a channel points, to an address that was looked at (NT-23), with TLS or without."""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING

from akia.alerts_out.channel import NotSent
from akia.outbound.addresses import Addresses
from akia.outbound.destination import Destination
from akia.outbound.errors import OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable

SECONDS = 10.0
"""How long each step on a connection may take."""


def connected(host: str, port: int, allowed_networks: Iterable[str]) -> socket.socket:
    """A connection to the first address of `host` that answers. Raises NotSent."""
    try:
        addresses = Addresses(allowed_networks, socket.getaddrinfo).of(Destination(host, port, ""))
    except OutboundError as error:
        raise NotSent(str(error)) from None
    for address in addresses:
        try:
            return socket.create_connection((address, port), SECONDS)
        except OSError:
            continue
    raise NotSent(f"no connection to {host}:{port}")


def trusting(ca_file: str) -> ssl.SSLContext:
    """Trust in the system's authorities, or in those of a file only. Raises NotSent."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError):
        raise NotSent(f"{ca_file} holds no certificates that can be read") from None


def is_loopback(connection: socket.socket) -> bool:
    """Whether the other side is this machine."""
    return ip_address(connection.getpeername()[0].partition("%")[0]).is_loopback
