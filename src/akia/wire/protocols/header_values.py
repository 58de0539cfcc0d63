"""Members in HTTP headers (W5.6): timestamps as RFC 822, lists comma-joined with quotes, JSON values in base64."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import MalformedInput
from akia.wire import timestamps
from akia.wire.forms import utf_8
from akia.wire.protocols.text import read_blob, text_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.wire.schema import Shape

_ITEM = re.compile(r'\s*+(?:"((?:[^"\\]|\\.)*+)"|([^",]*+))\s*+(?:,|\Z)', re.DOTALL)
"""Possessive, so that no value takes longer than its length."""
_DATE_IN_LIST = re.compile(r"[^,]+,[^,]+")


def header_reader(shape: Shape) -> Callable[[bytes], Any]:
    """What turns a header's value into a value of `shape`; it raises MalformedInput for what is none."""
    if shape.traits.get("jsonvalue"):
        return _read_json
    if shape.type == "list":
        read_item = text_reader(shape.element, "rfc822")
        split = _split_dates if shape.element.type == "timestamp" else _split
        return lambda value: [read_item(item) for item in split(utf_8(value))]
    read_text = text_reader(shape, "rfc822")
    return lambda value: read_text(utf_8(value).strip())


def header_writer(shape: Shape) -> Callable[[Any], bytes]:
    """The inverse of `header_reader`."""
    if shape.traits.get("jsonvalue"):
        return lambda value: b64encode(orjson.dumps(value))
    if shape.type == "list":
        write_item = header_writer(shape.element)
        quote = _quoted if shape.element.type == "string" else _as_is
        return lambda value: b",".join([quote(write_item(item)) for item in value])
    if shape.type == "timestamp":
        write = timestamps.WRITERS[shape.timestamp_format("rfc822")]
        return lambda value: str(write(value)).encode()
    if shape.type == "boolean":
        return lambda value: b"true" if value else b"false"
    return lambda value: str(value).encode()


def read_prefixed(headers: list[tuple[bytes, bytes]], prefix: bytes) -> Mapping[str, str]:
    """The headers whose names begin with `prefix`, by what follows it."""
    return {utf_8(name[len(prefix) :]): utf_8(value) for name, value in headers if name.startswith(prefix)}


def _read_json(value: bytes) -> Any:
    try:
        return orjson.loads(read_blob(utf_8(value).strip()))
    except orjson.JSONDecodeError:
        raise MalformedInput("Invalid JSON in a header") from None


def _split(text: str) -> list[str]:
    items: list[str] = []
    position = 0
    while position < len(text):
        found = _ITEM.match(text, position)
        if found is None:
            raise MalformedInput("Invalid list in a header")
        quoted, plain = found.groups()
        items.append(plain.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = found.end()
    return items


def _split_dates(text: str) -> list[str]:
    return [item.strip() for item in _DATE_IN_LIST.findall(text)]


def _quoted(item: bytes) -> bytes:
    if b'"' not in item and b"," not in item:
        return item
    return b'"' + item.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _as_is(item: bytes) -> bytes:
    return item
