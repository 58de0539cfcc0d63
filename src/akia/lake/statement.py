"""Statements before they are parsed: the event data stores that they name, parameters, and the few words that DuckDB spells differently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST = 10_000
"""Characters of a statement."""
_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^']|'')*'(?!'))
  | (?P<name>"(?:[^"]|"")*"(?!"))
  | (?P<comment>--[^\n]*|/\*.*?\*/)
  | (?P<store>(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-]))
  | (?P<number>\d[\w.]*)
  | (?P<word>[^\W\d]\w*)
  | (?P<space>\s+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_STORE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_UNCLOSED = frozenset({"'", '"'})


class StatementError(Exception):
    """What is wrong with a statement, for whoever wrote it."""


def stores_in(statement: str) -> list[str]:
    """The ids of the event data stores that the statement names, once each, in their order. Never raises."""
    found = (_store(kind, part) for kind, part in _tokens(statement))
    return list(dict.fromkeys(store for store in found if store))


def prepared(statement: str) -> str:
    """The statement as DuckDB's parser takes it: stores quoted, comments gone, `array(t)` written `t[]`. Raises StatementError."""
    tokens = [("store", f'"{part.lower()}"') if kind == "store" else (kind, part) for kind, part in _tokens(statement)]
    tokens = [("space", " ") if kind == "comment" else (kind, part) for kind, part in tokens]
    for kind, part in tokens:
        if kind == "sign" and (part in _UNCLOSED or part in "$\\`#@{}" or not part.isprintable()):
            raise StatementError(f"Unexpected character {part!r}")
    return "".join(part for _, part in _with_array_types(tokens)).strip().rstrip(";").strip()


def with_parameters(template: str, parameters: Sequence[str]) -> str:
    """The template with each `?` replaced by the text of the next parameter, quoted. Raises StatementError if their numbers differ."""
    left, done = list(parameters), []
    for kind, part in _tokens(template):
        if (kind, part) == ("sign", "?"):
            if not left:
                raise StatementError("The query has more placeholders than there are parameters.")
            done.append(quoted(left.pop(0)))
        else:
            done.append(part)
    if left:
        raise StatementError("The query has fewer placeholders than there are parameters.")
    return "".join(done)


def quoted(text: str) -> str:
    """`text` as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _tokens(statement: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(statement):
        yield match.lastgroup or "", match[0]


def _store(kind: str, part: str) -> str:
    """The id that a part names, if it does."""
    bare = part.strip('"').lower() if kind in ("store", "name") else ""
    return bare if _STORE.fullmatch(bare) else ""


def _with_array_types(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Trino writes the type of a list `array(varchar)`, DuckDB `varchar[]`. Values are written `ARRAY[...]` by both."""
    done: list[tuple[str, str]] = []
    open_brackets: list[bool] = []
    pending = False
    for kind, part in tokens:
        if part == "(":
            open_brackets.append(pending)
            if not pending:
                done.append((kind, part))
            pending = False
        elif part == ")" and open_brackets:
            done.append(("sign", "[]") if open_brackets.pop() else (kind, part))
        elif kind == "word" and part.lower() == "array":
            done.append((kind, part))
            pending = True
        elif kind == "space" and pending:
            continue
        else:
            pending = False
            done.append((kind, part))
            continue
        if part == "(" and open_brackets[-1]:
            done.pop()
    return done
