"""What comes from elsewhere and is not taken."""

from __future__ import annotations

from typing import Any

import orjson


class NotTaken(Exception):
    """An event or a file that others have made, and that is not what it should be. `code` is a word for what is wrong, AWS's if it has
    one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def json_of(value: Any, code: str) -> bytes:
    """`value`, which others have nested as they like, as JSON. Raises NotTaken with `code` if that is deeper than JSON is written here."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise NotTaken(code, "It is nested too deeply.") from None
