"""IP addresses in conditions (C3.3-8)."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from akia.policy.conditions.values import network
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules
from akia.policy.findings.variables import has_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Statement

rules = Rules()
_PRIVATE_4 = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_PRIVATE_6 = IPv6Network("fc00::/7")
_OPERATORS = {"IpAddress": "", "NotIpAddress": "NOT_"}


@rules.condition("TYPE_MISMATCH_IP_RANGE", "IMPROVE_IP_RANGE")
def ranges(statement: Statement, condition: Condition) -> Iterator[Found]:
    """What is no CIDR block, and bits that are ignored."""
    if condition.base not in _OPERATORS:
        return
    for text, place in condition.values:
        if has_variable(text):
            continue
        if network(text) is None:
            yield found("TYPE_MISMATCH_IP_RANGE", place, operator=condition.operator)
        elif str(ip_network(text, strict=False).network_address) != _canonical(text):
            yield found("IMPROVE_IP_RANGE", place, address=text, network=str(ip_network(text, strict=False)))


def _canonical(text: str) -> str:
    """The address before the slash, as Python writes it."""
    return str(ip_network(text.partition("/")[0]).network_address)


@rules.condition("PRIVATE_IP_ADDRESS", "PRIVATE_IP_ADDRESS_SUBSET", "PRIVATE_NOT_IP_ADDRESS", "PRIVATE_NOT_IP_ADDRESS_SUBSET")
def private(statement: Statement, condition: Condition) -> Iterator[Found]:
    """P4.3-5: `aws:SourceIp` is an address in the internet."""
    if condition.base not in _OPERATORS or condition.key.lower() != "aws:sourceip":
        return
    blocks = [(ip_network(text, strict=False), place) for text, place in condition.values if network(text) is not None]
    places = [place for block, place in blocks if _is_private(block)]
    if places:
        suffix = "" if len(places) == len(blocks) else "_SUBSET"
        yield found(f"PRIVATE_{_OPERATORS[condition.base]}IP_ADDRESS{suffix}", *places)


def _is_private(block: IPv4Network | IPv6Network) -> bool:
    if isinstance(block, IPv6Network):
        return block.subnet_of(_PRIVATE_6)
    return any(map(block.subnet_of, _PRIVATE_4))
