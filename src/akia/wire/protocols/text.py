"""Scalars written as text: in forms, query strings, paths and headers (W5.3, W5.6)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from akia.aws.errors import MalformedInput
from akia.wire import timestamps

if TYPE_CHECKING:
    from akia.wire.schema import Shape

ReadText = Callable[[str], Any]

INTEGER_RANGES = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
"""What fits into Java's types."""

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_FLOAT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?|-?Infinity|NaN")
_BOOLEANS = {"true": True, "false": False}


def text_reader(shape: Shape, timestamp_format: str) -> ReadText:
    """What turns text into a value of `shape`; `timestamp_format` holds unless the model names one.

    Readers raise MalformedInput for text that is no such value.
    """
    if shape.type == "timestamp":
        return _timestamp(timestamps.TEXT_READERS[shape.timestamp_format(timestamp_format)])
    return _READERS[shape.type]


def read_blob(text: str) -> bytes:
    """Base64, of which exactly one spelling is taken."""
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise MalformedInput("Invalid base64") from None
    if b64encode(raw).decode() != text:
        raise MalformedInput("Invalid base64")
    return raw


def checked_integer(value: int, shape_type: str) -> int:
    """`value`, if it fits into the Java type; raises MalformedInput otherwise."""
    low, high = INTEGER_RANGES[shape_type]
    if not low <= value <= high:
        raise MalformedInput(f"NUMBER_VALUE can not be converted to {_ARTICLES[shape_type]}")
    return value


def _integer(shape_type: str) -> ReadText:
    def read(text: str) -> int:
        if _INTEGER.fullmatch(text) is None:
            raise _unreadable(shape_type)
        return checked_integer(int(text), shape_type)

    return read


def _float(text: str) -> float:
    if _FLOAT.fullmatch(text) is None:
        raise _unreadable("double")
    return float(text)


def _boolean(text: str) -> bool:
    value = _BOOLEANS.get(text)
    if value is None:
        raise _unreadable("boolean")
    return value


def _string(text: str) -> str:
    return text


def _timestamp(parse: Callable[[str], Any]) -> ReadText:
    def read(text: str) -> Any:
        try:
            return parse(text)
        except ValueError:
            raise _unreadable("timestamp") from None

    return read


def _unreadable(shape_type: str) -> MalformedInput:
    return MalformedInput(f"STRING_VALUE can not be converted to {_ARTICLES[shape_type]}")


_ARTICLES = {"integer": "an Integer", "long": "a Long", "double": "a Double", "boolean": "a Boolean", "timestamp": "a Timestamp"}
_READERS: dict[str, ReadText] = {
    "string": _string,
    "integer": _integer("integer"),
    "long": _integer("long"),
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": read_blob,
}
