"""What AWS documents of its services: actions, resource types and condition keys.

Generated data (`data/catalogue/`, see the README there) behind look-ups that ignore case, as policies do (P2.1-1, C3.1-1). Nothing is
read at import; a service's file is read when the service is first asked for. Services that akia neither performs nor stands in front of
are known by name only: their actions say `in_full = False`, and that their resource types and keys are empty says nothing.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from akia.aws.action_names import LATER, OTHER_NAMES, PREFIXES
from akia.aws.condition_keys import GLOBAL, ConditionKey, ConditionKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATA = Path(__file__).with_name("data") / "catalogue"


class AccessLevel(StrEnum):
    """How AWS classes an action. Everything but LIST and READ changes something."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A resource type that an action works on; `required`: a policy must name one. The keys are those special to this pair."""

    type: str
    required: bool
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """One action. `condition_keys` do not depend on the resource; `dependent_actions` (`iam:PassRole`) must be allowed too."""

    service: str
    name: str
    access_level: AccessLevel
    resource_types: tuple[ResourceUse, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()
    in_full: bool = True

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type; `arn_pattern` holds variables: `arn:${Partition}:iam::${Account}:user/${UserNameWithPath}`."""

    name: str
    arn_pattern: str
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service under the prefix of its actions. `actions` is keyed by the lower-case name, `resource_types` by the documented one."""

    prefix: str
    title: str
    actions: Mapping[str, ActionFacts]
    resource_types: Mapping[str, ResourceType]
    condition_keys: ConditionKeys


def prefixes() -> frozenset[str]:
    """The prefixes of all services, in lower case."""
    return _prefixes_in_full() | _names().keys()


def is_service_prefix(prefix: str) -> bool:
    """Whether an AWS service has this prefix (P5.2-7, `Vendor <x> is not valid`)."""
    return service(prefix) is not None


def service(prefix: str) -> ServiceFacts | None:
    """The service with this prefix, or None. Text from outside never becomes a path: only names that the data hold are looked up."""
    folded = _fold(prefix)
    if folded in _prefixes_in_full():
        return _service_in_full(folded)
    return _service_by_name(folded) if folded in _names() else None


def action(prefix: str, name: str) -> ActionFacts | None:
    """The action `prefix:name`, or None if AWS does not document it. Wildcards are not expanded."""
    facts = service(prefix)
    return facts.actions.get(_fold(name)) if facts else None


def resource_arn_pattern(prefix: str, resource_type: str) -> str | None:
    """The documented ARN of a resource type, with its variables, or None."""
    facts = service(prefix)
    found = facts.resource_types.get(resource_type) if facts else None
    return found.arn_pattern if found else None


def condition_key(prefix: str | None, key: str) -> ConditionKey | None:
    """The condition key `key` (`aws:TagKeys`, `iam:ResourceTag/team`) as a request to this service, or to any (None), can hold it."""
    facts = service(prefix) if prefix else None
    return (facts.condition_keys.find(key) if facts else None) or GLOBAL.find(key)


def action_of(service_name: str, operation: str) -> str | None:
    """The action (`sso:CreateInstance`) that authorizes an operation of a service in botocore's naming (`sso-admin`), P2.1-5.

    None if there is none: `action_names.UNMAPPED` says why.
    """
    prefix = PREFIXES.get(service_name)
    facts = action(prefix, OTHER_NAMES.get((service_name, operation), operation)) if prefix else None
    return str(facts) if facts else LATER.get((service_name, operation))


def _fold(text: str) -> str:
    """`text` in lower case; empty, which names nothing, if it is not ASCII (the Kelvin sign would become a `k`)."""
    return text.lower() if text.isascii() else ""


@cache
def _prefixes_in_full() -> frozenset[str]:
    return frozenset(path.stem for path in _DATA.glob("*.json"))


@cache
def _names() -> Mapping[str, Any]:
    names: dict[str, Any] = json.loads(gzip.decompress((_DATA / "names.json.gz").read_bytes()))
    return names


@cache
def _service_by_name(prefix: str) -> ServiceFacts:
    title, by_level = _names()[prefix]
    names = [(name, AccessLevel(level)) for level, joined in by_level.items() for name in joined.split(" ")]
    actions = {name.lower(): ActionFacts(prefix, name, level, in_full=False) for name, level in names}
    return ServiceFacts(prefix, title, MappingProxyType(actions), MappingProxyType({}), ConditionKeys({}))


@cache
def _service_in_full(prefix: str) -> ServiceFacts:
    raw = json.loads((_DATA / f"{prefix}.json").read_text("utf-8"))
    actions = {name.lower(): _action(prefix, name, facts) for name, facts in raw["actions"].items()}
    types = {name: ResourceType(name, facts["arn"], _texts(facts, "condition_keys")) for name, facts in raw["resource_types"].items()}
    return ServiceFacts(prefix, raw["title"], MappingProxyType(actions), MappingProxyType(types), ConditionKeys(raw["condition_keys"]))


def _action(prefix: str, name: str, facts: Mapping[str, Any]) -> ActionFacts:
    uses = facts.get("resource_types", {}).items()
    return ActionFacts(
        prefix,
        name,
        AccessLevel(facts["access_level"]),
        tuple(ResourceUse(type_name, use["required"], _texts(use, "condition_keys")) for type_name, use in uses),
        _texts(facts, "condition_keys"),
        _texts(facts, "dependent_actions"),
    )


def _texts(facts: Mapping[str, Any], member: str) -> tuple[str, ...]:
    return tuple(facts.get(member, ()))
