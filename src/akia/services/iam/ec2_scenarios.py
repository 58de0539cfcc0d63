"""`ResourceHandlingOption`: which resources must be named together for EC2 to be simulated faithfully (AC12.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALWAYS = ("instance", "image", "security-group", "network-interface")
_SCENARIOS = {
    "EC2-VPC-InstanceStore": _ALWAYS,
    "EC2-VPC-InstanceStore-Subnet": (*_ALWAYS, "subnet"),
    "EC2-VPC-EBS": (*_ALWAYS, "volume"),
    "EC2-VPC-EBS-Subnet": (*_ALWAYS, "subnet", "volume"),
}


def require_resources(scenario: str | None, resources: Iterable[str]) -> None:
    """Raises InvalidInput for a scenario that AWS does not know, and for one of whose resources one is not among `resources`."""
    if scenario is None:
        return
    if scenario not in _SCENARIOS:
        raise InvalidInput(f"Invalid ResourceHandlingOption: {scenario}")
    named = {resource.rpartition(":")[2].partition("/")[0] for resource in resources}
    missing = [type_ for type_ in _SCENARIOS[scenario] if type_ not in named]
    if missing:
        raise InvalidInput(f"The scenario {scenario} requires resources of these types too: {', '.join(missing)}")
