"""How commands print: text of others so that it does nothing to a terminal, numbers with their nouns, and JSON."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    import rich.progress
    from rich.console import Console
    from rich.table import Table

_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_WIDE = 1_000
_AT_THE_END = re.compile(r"(?:\x1b\[[\d;]*m| )+$")
_PLAIN = "\x1b[0m"

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def printable(text: str) -> str:
    """`text` with U+FFFD for every character that could act on a terminal, or on its reader."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(character) in _UNFIT else character for character in text)


def tell(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines that may quote what somebody has sent: each stays one line, whatever is in it."""
    for line in lines:
        click.echo(printable(line), err=err)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 key`, `2 keys`; with a plural of its own `1 policy`, `2 policies`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def to_json(value: Any) -> str:
    """JSON in ASCII, so that it does nothing to a terminal. Times are in ISO 8601."""
    return json.dumps(value, indent=1, default=datetime.isoformat)


def bar(*columns: rich.progress.ProgressColumn, hidden: bool = False) -> rich.progress.Progress:
    """How far a long work has come, on stderr if that is a terminal; gone when it is done. `columns` stand in place of the usual ones."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden or not sys.stderr.isatty())


def console() -> Console:
    """For lines with colours, each as long as it needs to be: a terminal that is narrower wraps it, and nothing is cut."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, width=_WIDE)


def print_table(table: Table) -> None:
    """Likewise for a table, without spaces at the ends of its lines."""
    screen = console()
    with screen.capture() as shown:
        screen.print(table)
    for line in shown.get().splitlines():
        click.echo(_AT_THE_END.sub(lambda found: _PLAIN if "\x1b" in found[0] else "", line))
