"""A policy document as it was written, mistakes included: what can be read of it, and where each part stands.

The engine's own grammar refuses at the first mistake. A draft shows every rule what it can judge and hides the rest: a text where a
list is expected is a list of one, and a number where a text is expected is left to `DATA_TYPE_MISMATCH` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from akia.policy.conditions import operator_name
from akia.policy.findings.finding import Place, PolicyType
from akia.policy.strict_json import Number, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.policy.conditions.operators import Name
    from akia.policy.positions import Path

WORK = 300_000
"""Steps, of about a microsecond each, that go into looks whose cost grows faster than the document."""
TRUST = "AWS::IAM::AssumeRolePolicyDocument"
"""The resource type of role trust policies."""


class Text(NamedTuple):
    """A text of the document."""

    text: str
    place: Place


class Condition(NamedTuple):
    """A key under an operator. `name` is None if nobody knows the operator; `values` are texts (C3.1-4), `types` their JSON types."""

    operator: str
    name: Name | None
    key: str
    place: Place
    """Of the key's name."""
    values: tuple[Text, ...]
    types: frozenset[str]
    is_listed: bool

    @property
    def base(self) -> str:
        """The operator's canonical name without qualifier and suffix, or `Null`, or nothing."""
        if self.name is None:
            return ""
        return self.name.operator.name if self.name.operator else "Null"


class Principal(NamedTuple):
    """A principal and the key it stands under."""

    key: str
    text: str
    place: Place


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement of the draft."""

    draft: Draft
    path: Path
    members: Mapping[str, object]

    def at(self, *path: str | int) -> Place:
        """The value at `path` in the statement."""
        return Place((*self.path, *path))

    def name_of(self, *path: str | int) -> Place:
        """The name of the member at `path` in the statement."""
        return Place((*self.path, *path), is_name=True)

    def texts(self, *elements: str) -> tuple[Text, ...]:
        """The texts of those `elements` that are there."""
        return tuple(text for element in elements if element in self.members for text in _texts(self.members[element], self.at(element)))

    @property
    def effect(self) -> str:
        """As written; nothing if it is no text."""
        effect = self.members.get("Effect")
        return str(effect) if is_text(effect) else ""

    @property
    def allows(self) -> bool:
        return self.effect == "Allow"

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(self._conditions())

    def _conditions(self) -> Iterator[Condition]:
        for operator, keys in _members(self.members.get("Condition")):
            name = operator_name(operator)
            for key, listed in _members(keys):
                place = self.name_of("Condition", operator, key)
                values = tuple(_condition_values(listed, place._replace(is_name=False)))
                types = frozenset(map(json_type, listed if isinstance(listed, list) else [listed]))
                yield Condition(operator, name, key, place, values, types, isinstance(listed, list))

    @cached_property
    def condition_keys(self) -> frozenset[str]:
        """The keys that are tested, in lower case (C3.1-1)."""
        return frozenset(condition.key.lower() for condition in self.conditions)

    @cached_property
    def principals(self) -> tuple[Principal, ...]:
        """Those of `Principal`; a bare `*` stands under the key `AWS` (P2.3-1)."""
        return tuple(self.principals_of("Principal"))

    def principals_of(self, element: str) -> Iterator[Principal]:
        """The principals of `Principal` or `NotPrincipal`."""
        value = self.members.get(element)
        if value == "*":
            yield Principal("AWS", "*", self.at(element))
        for key, listed in _members(value):
            for text in _texts(listed, self.at(element, key)):
                yield Principal(key, *text)


@dataclass(eq=False)
class Draft:
    """A document under review; `value` is its JSON."""

    text: str
    value: object
    type: PolicyType
    resource_type: str | None = None
    work_left: int = WORK

    def affords(self, steps: int) -> bool:
        """Whether there is time for a look that costs `steps`; takes them away if so. Without it a long document is looked at less
        closely: a review never costs more than a fraction of a second (NT-53)."""
        if steps > self.work_left:
            return False
        self.work_left -= steps
        return True

    @property
    def is_trust(self) -> bool:
        return self.resource_type == TRUST

    @property
    def names_principals(self) -> bool:
        return self.type in {PolicyType.RESOURCE, PolicyType.RCP}

    @cached_property
    def members(self) -> Mapping[str, object]:
        return self.value if isinstance(self.value, dict) else {}

    @cached_property
    def version(self) -> str | None:
        version = self.members.get("Version")
        return str(version) if is_text(version) else None

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        listed = self.members.get("Statement")
        if isinstance(listed, dict):
            return (Statement(self, ("Statement",), listed),)
        items = enumerate(listed) if isinstance(listed, list) else ()
        return tuple(Statement(self, ("Statement", index), item) for index, item in items if isinstance(item, dict))


def json_type(value: object) -> str:
    """The JSON type of a value."""
    if isinstance(value, Number):
        return "number"
    names = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}
    return names.get(type(value), "null")


def _members(value: object) -> Iterator[tuple[str, object]]:
    yield from value.items() if isinstance(value, dict) else ()


def _items(value: object, place: Place) -> Iterator[tuple[object, Place]]:
    """A list may be a bare value (P5.1-1)."""
    if not isinstance(value, list):
        yield value, place
        return
    for index, item in enumerate(value):
        yield item, place._replace(path=(*place.path, index))


def _texts(value: object, place: Place) -> Iterator[Text]:
    return (Text(str(item), where) for item, where in _items(value, place) if is_text(item))


def _condition_values(value: object, place: Place) -> Iterator[Text]:
    for item, where in _items(value, place):
        if isinstance(item, bool):
            yield Text("true" if item else "false", where)
        elif isinstance(item, Number) or is_text(item):
            yield Text(str(item), where)
