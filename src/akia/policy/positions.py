"""Where the parts of a document stand in its text, for whoever must point at them: simulation, findings, explanations (AC12.3)."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from akia.policy.strict_json import NotJson

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Names of members and indexes of lists, from the top: `("Statement", 0, "Action", 2)`. `()` is the whole document."""


class Position(NamedTuple):
    """A place between two characters: `line` counts from 1, `column` and `offset` from 0, all in characters."""

    line: int
    column: int
    offset: int


class Span(NamedTuple):
    """From the first character to behind the last one."""

    start: Position
    end: Position

    def of(self, text: str) -> str:
        """The part of `text` that is meant."""
        return text[self.start.offset : self.end.offset]


def positions(text: str) -> dict[Path, Span]:
    """Where each value of the JSON `text` stands. Of members that share a name the last is told. Raises NotJson."""
    return {path: span for path, is_name, span in _walk(text) if not is_name}


def name_positions(text: str) -> dict[Path, Span]:
    """Where the name of each member stands, quotes included, by the path of its value. Raises NotJson."""
    return {path: span for path, is_name, span in _walk(text) if is_name}


def statements(text: str) -> tuple[Span, ...]:
    """Where each statement of a policy document stands, in order; one that is not in a list counts too. Raises NotJson."""
    found = positions(text)
    listed = sorted((path, span) for path, span in found.items() if len(path) == 2 and path[0] == "Statement" and type(path[1]) is int)
    if listed:
        return tuple(span for _, span in listed)
    alone = found.get(("Statement",))
    return (alone,) if alone is not None and alone.of(text).startswith("{") else ()


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+')


def _walk(text: str) -> Iterator[tuple[Path, bool, Span]]:
    """Path, whether it is a member's name, and span, in the order in which they end."""
    _require_json(text)
    line_starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def span(start: int, end: int) -> Span:
        return Span(_position(line_starts, start), _position(line_starts, end))

    path: list[str | int] = []
    starts: list[int] = []
    tokens = list(_TOKEN.finditer(text))
    for token, following in zip(tokens, [*(token[0] for token in tokens[1:]), ""], strict=True):
        match token[0][0]:
            case "{" | "[" as bracket:
                starts.append(token.start())
                path.append("" if bracket == "{" else 0)
            case "}" | "]":
                path.pop()
                yield tuple(path), False, span(starts.pop(), token.end())
            case "," if isinstance(path[-1], int):
                path[-1] += 1
            case "," | ":":
                pass
            case '"' if following == ":":
                path[-1] = str(json.loads(token[0]))
                yield tuple(path), True, span(*token.span())
            case _:
                yield tuple(path), False, span(*token.span())


def _require_json(text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise NotJson from None


def _position(line_starts: list[int], offset: int) -> Position:
    line = bisect_right(line_starts, offset)
    return Position(line, offset - line_starts[line - 1], offset)
