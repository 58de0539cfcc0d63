"""Text of others, made fit to be shown: no control characters, nothing that turns text around, nothing that a spreadsheet computes."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """`text` with U+FFFD for every character that could act on a terminal, or on its reader."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(character) in _UNFIT else character for character in text)


def cell(text: str) -> str:
    """`text` for a CSV file: what a spreadsheet would take for a formula gets an apostrophe in front."""
    fit = printable(text)
    return f"'{fit}" if text.startswith(_FORMULA) or fit.lstrip().startswith(_FORMULA) else fit


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in the largest unit: `3 d`, `5 h`, `12 min`, `8 s`."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
