"""JSON without the liberties that parsers take: no duplicate names, no NaN, no lone surrogates, numbers kept as written (NT-55)."""

from __future__ import annotations

import json
import re
from typing import NoReturn

SIZE_LIMIT = 131_072
"""Characters of a document on the wire (P5.4-18)."""

STORED_SIZE_LIMIT = 524_288
"""Characters of a document in force. AWS's own are longer than what may be sent: the longest has some 152,000."""

_CHARACTERS = re.compile(r"[\t\n\r\x20-\xff]+")


class NotJson(Exception):
    """The text is not a JSON document that we accept."""


class Number(str):
    """A number as it was written: `5` is text wherever a policy has it (C3.1-4)."""

    __slots__ = ()


def load(text: str, limit: int = SIZE_LIMIT) -> object:
    """The value that `text` spells; numbers are `Number`. Raises NotJson.

    Refused: more than `limit` characters, characters outside P5.1-4 (so also a byte-order mark and UTF-16 read as text), duplicate
    names, NaN and Infinity, comments, anything behind the value, nesting that exhausts the parser's stack.
    """
    if len(text) > limit or not _CHARACTERS.fullmatch(text):
        raise NotJson
    try:
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise NotJson from None
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotJson
    return members


def _refuse(_: str) -> NoReturn:
    raise NotJson


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse, parse_int=Number, parse_float=Number)


def is_text(value: object) -> bool:
    """Whether `value` is a JSON string that can be written out again: half a surrogate pair cannot."""
    return type(value) is str and not any("\ud800" <= character <= "\udfff" for character in value)
