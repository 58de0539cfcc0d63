"""From JSON to the members of a shape (W5.5, W6.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import MalformedInput
from akia.wire import timestamps
from akia.wire.protocols.text import checked_integer, read_blob

if TYPE_CHECKING:
    from akia.wire.schema import Shape

Read = Callable[[Any], Any]

MAX_DEPTH = 100
"""Values nested deeper are refused before anything recurses into them."""


def load_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; no body at all is an empty one. Of a repeated key the last counts.

    Raises MalformedInput for what is not JSON (NaN and Infinity are not), not UTF-8, not an object, or nested deeper than MAX_DEPTH.
    """
    if not body:
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedInput("Unable to parse the request body as JSON") from None
    if type(value) is not dict:
        raise unexpected(value, "a Structure")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise MalformedInput("The request body is nested too deeply")
    return value


def unexpected(value: Any, wanted: str) -> MalformedInput:
    """The error for a JSON value of the wrong type, in the words of AWS's deserializer."""
    if isinstance(value, dict):
        return MalformedInput("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return MalformedInput("Start of list found where not expected")
    if isinstance(value, bool):
        return MalformedInput(f"{str(value).upper()}_VALUE can not be converted to {wanted}")
    kind = "STRING" if isinstance(value, str) else "NUMBER"
    return MalformedInput(f"{kind}_VALUE can not be converted to {wanted}")


class JsonReader:
    """Compiles shapes into functions from parsed JSON to values; those raise MalformedInput for a value of the wrong type."""

    def __init__(self) -> None:
        self._structures: dict[str, Read] = {}

    def of(self, shape: Shape) -> Read:
        """The reader of `shape`."""
        match shape.type:
            case "structure":
                return _anything if shape.document else self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "timestamp":
                return _timestamp(shape.timestamp_format("unixTimestamp"))
            case "integer" | "long":
                return _integer(shape.type)
            case _:
                return _SCALARS[shape.type]

    def structure_of(self, members: dict[str, Shape]) -> Read:
        """The reader of a structure with these members."""
        rows: dict[str, tuple[str, Read]] = {}
        self._fill(rows, members)
        return _structure_reader(rows)

    def _structure(self, shape: Shape) -> Read:
        if shape.name not in self._structures:
            rows: dict[str, tuple[str, Read]] = {}
            read = _structure_reader(rows)
            self._structures[shape.name] = _union(read) if shape.traits.get("union") else read
            self._fill(rows, shape.members)  # only now: the shape may contain itself
        return self._structures[shape.name]

    def _fill(self, rows: dict[str, tuple[str, Read]], members: dict[str, Shape]) -> None:
        for name, member in members.items():
            rows[member.wire_name(name)] = (name, self.of(member))

    def _list(self, shape: Shape) -> Read:
        read_element = self.of(shape.element)

        def read(value: Any) -> list[Any]:
            if type(value) is not list:
                raise unexpected(value, "a List")
            return [None if element is None else read_element(element) for element in value]

        return read

    def _map(self, shape: Shape) -> Read:
        read_value = self.of(shape.value)

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise unexpected(value, "a Map")
            return {key: read_value(element) for key, element in value.items() if element is not None}

        return read


def _structure_reader(rows: dict[str, tuple[str, Read]]) -> Read:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise unexpected(value, "a Structure")
        members = {}
        for wire_name, element in value.items():
            row = rows.get(wire_name)
            if row is not None and element is not None:  # undeclared members are ignored (NT-43), null counts as absent (W6.5)
                members[row[0]] = row[1](element)
        return members

    return read


def _union(read: Read) -> Read:
    def read_union(value: Any) -> Any:
        members = read(value)
        if len(members) != 1:
            raise MalformedInput("Exactly one member of a union must be set")
        return members

    return read_union


def _integer(shape_type: str) -> Read:
    wanted = "an Integer" if shape_type == "integer" else "a Long"

    def read(value: Any) -> int:
        if type(value) is float and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        if type(value) is not int:
            raise unexpected(value, wanted)
        return checked_integer(value, shape_type)

    return read


def _timestamp(timestamp_format: str) -> Read:
    parse_text = timestamps.TEXT_READERS[timestamp_format]
    wanted = str if timestamp_format != "unixTimestamp" else None

    def read(value: Any) -> Any:
        if type(value) is not str if wanted else type(value) not in (int, float):
            raise unexpected(value, "a Timestamp")
        try:
            return parse_text(value) if wanted else timestamps.from_epoch(value)
        except ValueError:
            raise unexpected(value, "a Timestamp") from None

    return read


def _string(value: Any) -> str:
    if type(value) is not str:
        raise unexpected(value, "a String")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise unexpected(value, "a Boolean")
    return value


def _float(value: Any) -> float:
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if type(value) not in (int, float):
        raise unexpected(value, "a Double")
    return float(value)


def _blob(value: Any) -> bytes:
    return read_blob(_string(value))


def _anything(value: Any) -> Any:
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether `value` nests deeper than `depth`, found level by level without recursion."""
    level = [value]
    while level and depth:
        level = [child for parent in level for child in _children(parent)]
        depth -= 1
    return bool(level)


def _children(value: Any) -> list[Any]:
    children = value.values() if isinstance(value, dict) else value
    return [child for child in children if isinstance(child, dict | list)]


_SCALARS: dict[str, Read] = {"string": _string, "boolean": _boolean, "float": _float, "double": _float, "blob": _blob}
