"""Which addresses akia connects to (NT-23): public ones, and those in the networks that whoever runs akia has named.

The address is what counts, not the name: a name is resolved once, every address that it has is looked at, and the connection goes to one of
those very addresses. What the name resolves to a moment later does not matter.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import TYPE_CHECKING

from akia.outbound.errors import OutboundError, OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from akia.outbound.destination import Destination

Address = IPv4Address | IPv6Address

_METADATA = frozenset(map(ip_address, ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")))
"""Where clouds hand out credentials to whoever asks from inside. One of them is a public address."""
_CARRIERS = tuple(map(ip_network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10")))
"""IPv6 addresses that stand for IPv4 ones, or for sites: nobody publishes a service there."""


class Addresses:
    """`allowed` are networks beside the public ones. `resolve` is `socket.getaddrinfo`, but for tests."""

    def __init__(self, allowed: Iterable[str], resolve: Callable[..., Any]) -> None:
        self._allowed = tuple(ip_network(network) for network in allowed)
        self._resolve = resolve

    def of(self, destination: Destination) -> Sequence[str]:
        """The addresses of `destination`. Raises OutboundRefused if one of them is forbidden, OutboundError if there are none."""
        try:
            found = self._resolve(destination.host, destination.port, type=SOCK_STREAM)
        except (OSError, UnicodeError):
            raise OutboundError(f"the name {destination.host} cannot be resolved") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not self.may_be_asked(address):
                raise OutboundRefused(f"{destination.host} has the address {address}, which is not public and not in an allowed network")
        if not addresses:
            raise OutboundError(f"the name {destination.host} has no address")
        return addresses

    def may_be_asked(self, text: str) -> bool:
        """Whether akia connects to the address `text`."""
        try:
            address = _unmapped(ip_address(text))
        except ValueError:
            return False  # with a zone, for instance: link-local
        return any(address in network for network in self._allowed) or _is_public(address)


def _unmapped(address: Address) -> Address:
    """An IPv4-mapped IPv6 address reaches the IPv4 address in it."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped if mapped is not None else address


def _is_public(address: Address) -> bool:
    if address in _METADATA or any(address in carrier for carrier in _CARRIERS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
