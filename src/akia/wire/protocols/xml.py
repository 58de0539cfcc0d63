"""XML elements for the query protocol (W6.3, W6.4, W6.6)."""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from akia.wire import timestamps

if TYPE_CHECKING:
    from akia.wire.schema import Shape

Write = Callable[[Any], str]
Row = tuple[str, str, str, Write | None]
"""(member, what stands before it, what after, its writer: None for text)."""

_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#xD;"}


def is_legal(text: str) -> bool:
    """Whether XML 1.0 can carry every character of `text`."""
    return text.isprintable() or _illegal().search(text) is None


def escape(text: str) -> str:
    """`text` as element content. A carriage return is written as a reference, else it becomes a line feed; the illegal, U+FFFD."""
    if text.isprintable() and "&" not in text and "<" not in text and ">" not in text:
        return text
    return _illegal().sub("\ufffd", text).translate(_ESCAPES)


class XmlWriter:
    """Compiles shapes into functions from values to the inside of an element. Shapes named in `percent_encoded` are written so (W6.6)."""

    def __init__(self, percent_encoded: frozenset[str]) -> None:
        self._percent_encoded = percent_encoded
        self._structures: dict[str, Write] = {}

    def of(self, shape: Shape) -> Write:
        """The writer of what stands between the tags."""
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "timestamp":
                return _timestamp(shape.timestamp_format("iso8601"))
            case "string" if shape.name in self._percent_encoded:
                return percent_encode
            case _:
                return _SCALARS[shape.type]

    def element(self, tag: str, shape: Shape) -> Write:
        """The writer of the element `tag`, or of several of them if the shape is flattened."""
        if shape.flattened:
            return self._flattened(tag, shape)
        write, start, end = self.of(shape), f"<{tag}>", f"</{tag}>"
        return lambda value: f"{start}{write(value)}{end}"

    def _structure(self, shape: Shape) -> Write:
        if shape.name not in self._structures:
            rows: list[Row] = []
            self._structures[shape.name] = _structure_writer(rows)
            rows.extend(self._row(name, member) for name, member in shape.members.items())
        return self._structures[shape.name]

    def _row(self, name: str, member: Shape) -> Row:
        tag, write = _tag(name, member), None if member.flattened else self.of(member)
        if write is None:
            return name, "", "", self.element(tag, member)
        return name, f"<{tag}>", f"</{tag}>", None if write is escape else write

    def _list(self, shape: Shape) -> Write:
        write = self.element(shape.element.wire_name("member"), shape.element)
        return lambda value: "".join([write(element) for element in value])

    def _map(self, shape: Shape) -> Write:
        write_entry = self._entry(shape)
        return lambda value: "".join([f"<entry>{write_entry(key, element)}</entry>" for key, element in value.items()])

    def _entry(self, shape: Shape) -> Callable[[Any, Any], str]:
        write_key = self.element(shape.key.wire_name("key"), shape.key)
        write_value = self.element(shape.value.wire_name("value"), shape.value)
        return lambda key, value: write_key(key) + write_value(value)

    def _flattened(self, tag: str, shape: Shape) -> Write:
        if shape.type == "map":
            write_entry = self._entry(shape)
            return lambda value: "".join([f"<{tag}>{write_entry(key, element)}</{tag}>" for key, element in value.items()])
        write = self.element(tag, shape.element)
        return lambda value: "".join([write(element) for element in value])


@functools.lru_cache(maxsize=256)  # documents repeat: a thousand roles share a few trust policies
def percent_encode(text: str) -> str:
    """RFC 3986, as IAM's policy documents travel: `%20`, never `+` (W6.6)."""
    return quote(text, safe="", errors="replace")


@functools.cache  # compiling it takes longer than importing the rest of this package
def _illegal() -> re.Pattern[str]:
    return re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _tag(name: str, member: Shape) -> str:
    if member.flattened and member.type == "list":
        return member.element.wire_name(member.wire_name(name))
    return member.wire_name(name)


def _structure_writer(rows: list[Row]) -> Write:
    def write(value: Mapping[str, Any]) -> str:
        elements = []
        get = value.get
        for name, start, end, write_member in rows:
            member = get(name)
            if member is None:
                continue
            if write_member is not None:
                elements.append(f"{start}{write_member(member)}{end}")
            elif member.isprintable() and "&" not in member and "<" not in member and ">" not in member:  # `escape` without the call
                elements.append(f"{start}{member}{end}")
            else:
                elements.append(f"{start}{escape(member)}{end}")
        return "".join(elements)

    return write


def _timestamp(timestamp_format: str) -> Write:
    if timestamp_format == "iso8601":
        return timestamps.to_iso_8601
    write = timestamps.WRITERS[timestamp_format]
    return lambda moment: str(write(moment))


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _float(value: float) -> str:
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(str(value), str(value))


def _blob(value: bytes) -> str:
    return b64encode(value).decode("ascii")


_SCALARS: dict[str, Write] = {
    "string": escape,
    "integer": str,
    "long": str,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
}
