"""From a form's fields to the members of a shape (W5.1, W5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from akia.aws.errors import MalformedInput
from akia.wire.protocols.text import text_reader

if TYPE_CHECKING:
    from akia.wire.schema import Shape

Node = Any
"""A field's text, or a dictionary of the nodes below a name: `Tags.member.1.Key=a` is {"Tags": {"member": {"1": {"Key": "a"}}}}."""

Read = Callable[[Node], Any]
Rows = dict[str, tuple[str, Read]]

MAX_SEGMENTS = 32
"""Names with more dots are refused."""

_INDEX = re.compile(r"[1-9][0-9]{0,8}")


def nested(fields: Mapping[str, str]) -> dict[str, Node]:
    """The fields as a tree. Raises MalformedInput for a name that both has a value and continues below, and for one that is too long."""
    tree: dict[str, Node] = {}
    for name, text in fields.items():
        *parents, leaf = name.split(".")
        if len(parents) >= MAX_SEGMENTS:
            raise MalformedInput("A parameter is nested too deeply")
        node: Node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
            if type(node) is str:
                raise _structure_found()
        if leaf in node:
            raise _structure_found()
        node[leaf] = text
    return tree


class QueryReader:
    """Compiles shapes into functions from nodes to values; those raise MalformedInput for a node of the wrong kind."""

    def __init__(self) -> None:
        self._structures: dict[str, Read] = {}

    def rows(self, shape: Shape) -> Rows:
        """The members of a structure by their names on the wire, with their readers."""
        return {_wire_name(name, member): (name, self.of(member)) for name, member in shape.members.items()}

    def of(self, shape: Shape) -> Read:
        """The reader of `shape`."""
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case _:
                return _scalar(text_reader(shape, "iso8601"))

    def _structure(self, shape: Shape) -> Read:
        if shape.name not in self._structures:
            rows: Rows = {}
            self._structures[shape.name] = structure_reader(rows)
            rows.update(self.rows(shape))
        return self._structures[shape.name]

    def _list(self, shape: Shape) -> Read:
        read_element = self.of(shape.element)
        below = None if shape.flattened else shape.element.wire_name("member")

        def read(node: Node) -> list[Any]:
            if node == "":
                return []  # `Tags=` is an empty list, not an absent one
            elements = _branch(node, below)
            return [read_element(elements[index]) for index in _indices(elements)]

        return read

    def _map(self, shape: Shape) -> Read:
        read_key, read_value = self.of(shape.key), self.of(shape.value)
        key_name, value_name = shape.key.wire_name("key"), shape.value.wire_name("value")
        below = None if shape.flattened else "entry"

        def read(node: Node) -> dict[Any, Any]:
            if node == "":
                return {}
            found: dict[Any, Any] = {}
            entries = _branch(node, below)
            for index in _indices(entries):
                entry = _branch(entries[index], None)
                if key_name not in entry or value_name not in entry:
                    raise MalformedInput("A map entry needs a key and a value")
                found.setdefault(read_key(entry[key_name]), read_value(entry[value_name]))
            return found

        return read


def structure_reader(rows: Rows) -> Read:
    """The reader of a structure with these rows; undeclared names are ignored (NT-43)."""

    def read(node: Node) -> dict[str, Any]:
        members = {}
        for wire_name, child in _branch(node, None).items():
            row = rows.get(wire_name)
            if row is not None:
                members[row[0]] = row[1](child)
        return members

    return read


def _wire_name(name: str, member: Shape) -> str:
    if member.flattened and member.type == "list":
        return member.element.wire_name(member.wire_name(name))
    return member.wire_name(name)


def _scalar(read_text: Callable[[str], Any]) -> Read:
    def read(node: Node) -> Any:
        if type(node) is not str:
            raise _structure_found()
        return read_text(node)

    return read


def _branch(node: Node, below: str | None) -> dict[str, Node]:
    """The children of a node, or those of its child `below`."""
    if type(node) is dict and below is not None:
        node = node.get(below)
    if type(node) is not dict:
        raise MalformedInput("Unexpected list element termination")
    return node


def _indices(elements: dict[str, Node]) -> list[str]:
    """The keys of a list's elements in their numerical order; gaps do not matter."""
    for index in elements:
        if _INDEX.fullmatch(index) is None:
            raise MalformedInput("Key is not a valid index")
    return sorted(elements, key=int)


def _structure_found() -> MalformedInput:
    return MalformedInput("Start of structure or map found where not expected.")
