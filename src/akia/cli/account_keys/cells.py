"""Text of others in a cell of a spreadsheet, where nothing of it is computed; and how long ago something was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.cli.printing import printable

if TYPE_CHECKING:
    from datetime import datetime

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
