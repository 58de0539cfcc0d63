"""Where a request really comes from: the peer, or what proxies that we trust say (NT-07, NT-45)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Address = IPv4Address | IPv6Address

LONGEST_HOP = 100
"""Characters of one element of X-Forwarded-For. Longer ones are no address, and are not remembered."""


@lru_cache(maxsize=4_096)
def parsed(text: str) -> Address | None:
    """The address that `text` spells: without zone, IPv4-mapped forms unmapped (C3.3-16). None if it spells none."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@dataclass(frozen=True)
class Proxies:
    """The networks whose forwarding headers are believed; none by default, private peers included."""

    trusted: Sequence[str] = ()
    _networks: tuple[IPv4Network | IPv6Network, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_networks", tuple(ip_network(text) for text in self.trusted))

    def origin(self, peer: str | None, scheme: str, headers: Sequence[tuple[bytes, bytes]]) -> tuple[str | None, bool]:
        """The client's address (None over a unix socket) and whether it came over TLS.

        The chain of X-Forwarded-For is read from the right: each address that is a trusted proxy is passed over, the first other one is
        the client.
        """
        address = parsed(peer) if peer else None
        secure = scheme == "https"
        if address is None or not self._networks or not self._trusts(address):
            return str(address) if address is not None else None, secure
        secure = secure or _last(headers, b"x-forwarded-proto") == "https"
        for hop in reversed(_all(headers, b"x-forwarded-for")):
            forwarded = parsed(hop) if len(hop) <= LONGEST_HOP else None
            if forwarded is None:
                break
            address = forwarded
            if not self._trusts(forwarded):
                break
        return str(address), secure

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _all(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    lines = (value.decode("latin-1") for key, value in headers if key == name)
    return [hop for line in lines for hop in line.split(",")]


def _last(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str:
    values = _all(headers, name)
    return values[-1].strip() if values else ""
