"""From results to JSON (W6.3): only what the model declares is written, and None is left out."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from akia.wire import timestamps

if TYPE_CHECKING:
    from akia.wire.schema import Shape

Write = Callable[[Any], Any]


class JsonWriter:
    """Compiles shapes into functions from values to what orjson can dump; None stands for "as it is"."""

    def __init__(self) -> None:
        self._structures: dict[str, Write] = {}

    def of(self, shape: Shape) -> Write | None:
        """The writer of `shape`."""
        match shape.type:
            case "structure":
                return None if shape.document else self._structure(shape)
            case "list":
                return _list(self.of(shape.element))
            case "map":
                return _map(self.of(shape.value))
            case "timestamp":
                return timestamps.WRITERS[shape.timestamp_format("unixTimestamp")]
            case "blob":
                return _blob
            case "float" | "double":
                return _float
            case _:
                return None

    def structure_of(self, members: Mapping[str, Shape]) -> Write:
        """The writer of a structure with these members."""
        return _structure_writer([(name, member.wire_name(name), self.of(member)) for name, member in members.items()])

    def _structure(self, shape: Shape) -> Write:
        if shape.name not in self._structures:
            rows: list[tuple[str, str, Write | None]] = []
            self._structures[shape.name] = _structure_writer(rows)
            rows.extend((name, member.wire_name(name), self.of(member)) for name, member in shape.members.items())
        return self._structures[shape.name]


def _structure_writer(rows: list[tuple[str, str, Write | None]]) -> Write:
    def write(value: Mapping[str, Any]) -> dict[str, Any]:
        members = {}
        for name, wire_name, write_member in rows:
            member = value.get(name)
            if member is not None:
                members[wire_name] = member if write_member is None else write_member(member)
        return members

    return write


def _list(write_element: Write | None) -> Write | None:
    return None if write_element is None else lambda value: [write_element(element) for element in value]


def _map(write_element: Write | None) -> Write | None:
    return None if write_element is None else lambda value: {key: write_element(element) for key, element in value.items()}


def _blob(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
