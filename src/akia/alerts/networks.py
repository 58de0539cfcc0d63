"""Addresses as rules see them: the network that somebody comes from, and which networks are far apart."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_BITS = {4: (24, 16), 6: (48, 32)}
"""By version: how much of an address is its network, and how much two near ones have in common."""


@lru_cache(maxsize=4_096)
def network_of(text: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) of an address; "" for what is no address, such as AWS's internal senders."""
    address = _address(text)
    return str(ip_network(f"{address}/{_BITS[address.version][0]}", strict=False)) if address is not None else ""


def are_distant(one: str, other: str) -> bool:
    """Whether two addresses differ within /16 (IPv4) or /32 (IPv6). An IPv4 and an IPv6 address never do: many a machine has both."""
    first, second = _address(one), _address(other)
    if first is None or second is None or first.version != second.version:
        return False
    shift = first.max_prefixlen - _BITS[first.version][1]
    return int(first) >> shift != int(second) >> shift


@lru_cache(maxsize=4_096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
