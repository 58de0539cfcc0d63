"""Tags as one JSON object in a column, in the order they were given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE = "{}"


def to_text(tags: Mapping[str, str]) -> str:
    return json.dumps(dict(tags), ensure_ascii=False, separators=(",", ":")) if tags else _NONE


def from_text(text: str) -> Mapping[str, str]:
    """The tags in `text`, which `to_text` made."""
    if text == _NONE:
        return {}
    tags: dict[str, str] = orjson.loads(text)
    return tags
