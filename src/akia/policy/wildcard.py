"""Wildcards: `*` is any run of characters, the empty one included; `?` is exactly one character; nothing else is special.

A pattern is a tuple of tokens: plain strings, `Wild.RUN` and `Wild.ONE`. It is cut at its runs into pieces of fixed length, and each
piece is looked for once, from left to right, never going back: the leftmost place is always as good as any later one (C3.3-19, NT-53).
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WORK_LIMIT = 2_000_000
"""What the comparisons of one evaluation may cost together, in steps of about two nanoseconds at most (NT-53)."""
PREFIX_COST, COMPARISON_COST, GLOB_COST, TEMPLATE_COST = 10, 100, 400, 4_000
"""Measured costs, in steps: of one prefix among many, of two numbers, of a pattern, of a pattern with variables."""


class Wild(Enum):
    """What is not a plain character."""

    RUN = "*"
    ONE = "?"


Token = str | Wild
Pattern = tuple[Token, ...]


class TooMuchWork(Exception):
    """An evaluation has used up its budget. The request is denied (NT-53)."""


class Budget:
    """What one evaluation may still spend."""

    __slots__ = ("left",)

    def __init__(self, steps: int = WORK_LIMIT) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take `steps` away. Raises TooMuchWork when there are not as many left."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork


_WILD = re.compile(r"([*?])")


def pattern(text: str) -> Pattern:
    """The tokens of `text`, in which every `*` and `?` is a wildcard."""
    return tuple(Wild(part) if part in {"*", "?"} else part for part in _WILD.split(text) if part)


def joined(tokens: Iterable[Token]) -> Pattern:
    """The same pattern with neighbouring strings made one, and neighbouring runs too."""
    merged: list[Token] = []
    for plain, group in groupby(tokens, key=lambda token: isinstance(token, str)):
        if plain:
            merged.append("".join(str(token) for token in group))
        else:
            merged.extend(token for token in group if not (token is Wild.RUN and merged and merged[-1] is Wild.RUN))
    return tuple(token for token in merged if token != "")


class Glob:
    """One pattern, compiled."""

    __slots__ = ("_first", "_last", "_least", "_middle", "_price", "_whole")

    def __init__(self, tokens: Pattern) -> None:
        pieces = _pieces(joined(tokens))
        self._whole = len(pieces) == 1
        self._first, self._last, self._middle = pieces[0], pieces[-1], pieces[1:-1]
        self._least = sum(piece.length for piece in pieces)
        self._price = max((piece.price for piece in self._middle), default=0)

    def matches(self, value: str, budget: Budget) -> bool:
        """Whether the whole of `value` matches. Raises TooMuchWork."""
        size = len(value)
        if size < self._least or (self._whole and size != self._least):
            return False
        place, end = self._first.length, size - self._last.length
        if not self._first.is_at(value, 0) or not self._last.is_at(value, end):
            return False
        if self._middle:
            budget.spend(size * self._price)
            for piece in self._middle:
                found = piece.find(value, place, end)
                if found < 0:
                    return False
                place = found + piece.length
        return True


class _Piece:
    """What stands between two runs: text of a fixed length, some characters of which may be free."""

    __slots__ = ("_free", "_text", "length", "price")

    def __init__(self, tokens: Pattern) -> None:
        self.length = sum(len(token) if isinstance(token, str) else 1 for token in tokens)
        self._text = "".join(token for token in tokens if isinstance(token, str))
        self._free = re.compile("".join(map(_expression, tokens)), re.DOTALL) if Wild.ONE in tokens else None
        self.price = 1 + self.length if self._free else 1 + self.length // 16

    def is_at(self, value: str, place: int) -> bool:
        if self._free is None:
            return value.startswith(self._text, place)
        return self._free.match(value, place) is not None

    def find(self, value: str, start: int, end: int) -> int:
        """The leftmost place in `value[start:end]`, or -1."""
        if self._free is None:
            return value.find(self._text, start, end)
        found = self._free.search(value, start, end)
        return found.start() if found else -1


def _expression(token: Token) -> str:
    """A regular expression of fixed length: without repetition it cannot backtrack."""
    return re.escape(token) if isinstance(token, str) else "."


def _pieces(tokens: Pattern) -> list[_Piece]:
    """The pieces before, between and after the runs: always one more than there are runs."""
    cut: list[list[Token]] = [[]]
    for token in tokens:
        if token is Wild.RUN:
            cut.append([])
        else:
            cut[-1].append(token)
    return [_Piece(tuple(piece)) for piece in cut]


glob = lru_cache(maxsize=4096)(Glob)
"""The compiled pattern, remembered: patterns with variables are made anew for every request."""


class Globs:
    """Many patterns, asked together: does any of them match? The frequent forms are asked of the interpreter in one call each."""

    __slots__ = ("_cost", "_everything", "_exact", "_others", "_prefixes", "_suffixes")

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        exact, prefixes, suffixes, self._others = set[str](), list[str](), list[str](), list[Glob]()
        self._everything = False
        for tokens in map(joined, patterns):
            match tokens:
                case ():
                    exact.add("")
                case (str(text),):
                    exact.add(text)
                case (Wild.RUN,):
                    self._everything = True
                case (str(text), Wild.RUN):
                    prefixes.append(text)
                case (Wild.RUN, str(text)):
                    suffixes.append(text)
                case _:
                    self._others.append(Glob(tokens))
        self._exact, self._prefixes, self._suffixes = frozenset(exact), tuple(prefixes), tuple(suffixes)
        self._cost = PREFIX_COST * (len(prefixes) + len(suffixes)) + GLOB_COST * len(self._others)

    def match(self, value: str, budget: Budget) -> bool:
        """Whether any pattern matches the whole of `value`. Raises TooMuchWork."""
        if self._everything or value in self._exact:
            return True
        if not self._cost:
            return False
        budget.spend(self._cost)
        return (
            value.startswith(self._prefixes)
            or value.endswith(self._suffixes)
            or any(pattern.matches(value, budget) for pattern in self._others)
        )
