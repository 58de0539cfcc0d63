"""Patterns that other people write: regular expressions that cannot run away (ReDoS, memory).

Libraries match by trying out, or unfold repetitions of repetitions without end; whoever may write a pattern could stop the server with one.
These know what can be matched in time proportional to the text: characters, `.`, sets, `\\d \\w \\s` and their opposites, groups,
alternatives, `? * +` and `{m,n}`. No back references, no looking around. A pattern is always matched against the whole text: a `^` at its
beginning and a `$` at its end say nothing new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

MOST_STATES = 1_000
"""What a pattern may unfold to. `[a-z]{2,40}` is some 80."""
MOST_STEPS = 10 * MOST_STATES
"""What it may take to unfold it: `(){999}` repeats, and unfolds to nothing."""
MOST_NESTED = 20
_TOO_MUCH = "it unfolds to too much: its repetitions are too many"

_TOKEN = re.compile(
    r"(?P<set>\[\^?(?:\]|\\.)?(?:[^\]\\\[]|\\.)*\])|(?P<escape>\\.)|(?P<repeat>[?*+]|\{\d{1,4}(?:,\d{0,4})?\})|(?P<open>\((?:\?:)?)"
    r"|(?P<close>\))|(?P<or>\|)|(?P<any>\.)|(?P<character>[^\\\[\](){}?*+|^$])",
    re.DOTALL,
)
_SET_OPERATIONS = re.compile(r"--|&&|\|\||~~")
"""Two of these in a set may come to mean something else in Python's patterns."""
_SHORTHANDS = frozenset("dDwWsS")


@dataclass(slots=True)
class _State:
    """Where a match may stand. A character like `accepts` leads to `then`; without `accepts`, all states of `onward` are here too."""

    accepts: re.Pattern[str] | None = None
    then: int = 0
    onward: list[int] = field(default_factory=list)


class SafePattern:
    """A compiled pattern. Raises ValueError for text that is none, with what is wrong with it."""

    def __init__(self, text: str) -> None:
        self._states: list[_State] = []
        self._steps = 0
        self._end = self._new()
        tokens = _Tokens(_without_anchors(text))
        tree = _alternatives(tokens, 0)
        if tokens.kind:
            raise ValueError(f"unexpected {tokens.text!r}")
        self._start = self._built(tree, self._end)

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` is like this."""
        here = self._reached([self._start])
        for character in text:
            found: dict[re.Pattern[str], bool] = {}
            there = []
            for state in here:
                kind = self._states[state].accepts
                if kind is not None:
                    if kind not in found:
                        found[kind] = kind.fullmatch(character) is not None
                    if found[kind]:
                        there.append(self._states[state].then)
            here = self._reached(there)
        return self._end in here

    def _reached(self, states: list[int]) -> set[int]:
        """These, and all that are reached from them without a character."""
        seen: set[int] = set()
        while states:
            state = states.pop()
            if state not in seen:
                seen.add(state)
                states += self._states[state].onward
        return seen

    def _new(self, accepts: re.Pattern[str] | None = None, then: int = 0) -> int:
        if len(self._states) >= MOST_STATES:
            raise ValueError(_TOO_MUCH)
        self._states.append(_State(accepts, then))
        return len(self._states) - 1

    def _built(self, node: _Node, then: int) -> int:
        """The state from which `node` leads to `then`."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise ValueError(_TOO_MUCH)
        if node.accepts is not None:
            return self._new(node.accepts, then)
        if node.alternatives is not None:
            fork = self._new()
            self._states[fork].onward = [self._built(branch, then) for branch in node.alternatives]
            return fork
        if node.repeated is not None:
            return self._repeated(node, node.repeated, then)
        for part in reversed(node.sequence):
            then = self._built(part, then)
        return then

    def _repeated(self, node: _Node, part: _Node, then: int) -> int:
        if node.most is None:
            loop = self._new()
            self._states[loop].onward = [then, self._built(part, loop)]
            then = loop
        else:
            after = then
            for _ in range(node.most - node.least):
                fork = self._new()
                self._states[fork].onward = [after, self._built(part, then)]
                then = fork
        for _ in range(node.least):
            then = self._built(part, then)
        return then


@dataclass(slots=True)
class _Node:
    """One of: a kind of character, alternatives, something repeated `least` to `most` times, a sequence."""

    accepts: re.Pattern[str] | None = None
    alternatives: list[_Node] | None = None
    repeated: _Node | None = None
    least: int = 0
    most: int | None = None
    sequence: list[_Node] = field(default_factory=list)


class _Tokens:
    """A pattern, one token at a time. At its end `kind` is ""."""

    def __init__(self, text: str) -> None:
        self._pattern = text
        self._position = 0
        self.kind = self.text = ""
        self.advance()

    def advance(self) -> None:
        if self._position == len(self._pattern):
            self.kind = self.text = ""
            return
        found = _TOKEN.match(self._pattern, self._position)
        if found is None or found.lastgroup is None:
            raise ValueError(f"{self._pattern[self._position]!r} is not understood here; write a backslash before it")
        self.kind, self.text, self._position = found.lastgroup, found[0], found.end()


def _without_anchors(text: str) -> str:
    end = len(text) - len(text.rstrip("$"))
    escaped = end and (len(text) - end - len(text[: len(text) - end].rstrip("\\"))) % 2 == 1
    return (text[:-1] if end and not (end == 1 and escaped) else text).removeprefix("^")


def _alternatives(tokens: _Tokens, depth: int) -> _Node:
    if depth > MOST_NESTED:
        raise ValueError("its groups are nested too deep")
    branches = [_sequence(tokens, depth)]
    while tokens.kind == "or":
        tokens.advance()
        branches.append(_sequence(tokens, depth))
    return branches[0] if len(branches) == 1 else _Node(alternatives=branches)


def _sequence(tokens: _Tokens, depth: int) -> _Node:
    parts: list[_Node] = []
    while tokens.kind not in ("", "or", "close"):
        parts.append(_repetition(tokens, _atom(tokens, depth)))
    return _Node(sequence=parts)


def _atom(tokens: _Tokens, depth: int) -> _Node:
    kind, text = tokens.kind, tokens.text
    if kind == "repeat":
        raise ValueError(f"there is nothing for {text!r} to repeat")
    tokens.advance()
    if kind == "open":
        inside = _alternatives(tokens, depth + 1)
        if tokens.kind != "close":
            raise ValueError("a group is not closed")
        tokens.advance()
        return inside
    if kind == "set" and _SET_OPERATIONS.search(text):
        raise ValueError(f"{text!r} is not understood; write each character once")
    if kind == "escape" and text[1].isalnum() and text[1] not in _SHORTHANDS:
        raise ValueError(f"{text!r} is not understood")
    return _Node(accepts=_one_character(re.escape(text) if kind == "character" else text))


def _repetition(tokens: _Tokens, atom: _Node) -> _Node:
    if tokens.kind != "repeat":
        return atom
    least, most = _limits(tokens.text)
    tokens.advance()
    if tokens.kind == "repeat":
        raise ValueError(f"{tokens.text!r} follows a repetition")
    if most is not None and most < least:
        raise ValueError("a repetition ends before it begins")
    return _Node(repeated=atom, least=least, most=most)


def _limits(text: str) -> tuple[int, int | None]:
    if text in "?*+":
        return {"?": (0, 1), "*": (0, None), "+": (1, None)}[text]
    least, comma, most = text[1:-1].partition(",")
    return int(least), (int(most) if most else None) if comma else int(least)


@lru_cache(1_000)
def _one_character(text: str) -> re.Pattern[str]:
    """What matches one character. Raises ValueError for a set that is none."""
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise ValueError(f"{text!r}: {error.msg}") from None
