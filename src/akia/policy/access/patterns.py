"""Patterns as automata: the texts that one pattern matches, divided by which others match them too.

A pattern is a row of letters, each a character, a free character (`?`), a run (`*`), or one of these that stops at a colon; a policy
variable is a letter of its own that only itself and runs match. `divide` walks the subject and all other patterns at once, as a
deterministic automaton made on the way: every state that is reached is a set of places in the patterns. The parts that it finds are
exact, and none is empty.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from akia.policy.resource import split
from akia.policy.variables import Template, Variable, parse
from akia.policy.wildcard import Wild, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from akia.policy.kind import Kind
    from akia.policy.wildcard import Token

STEPS = 200_000
"""How many letters may be read in one check before it gives up: about a quarter of a second."""
OTHER = "\0"
"""Stands for all characters that no pattern names."""


class TooComplex(Exception):
    """The check would cost too much. Nothing is known."""


class Fuel:
    """What one check may still spend."""

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises TooComplex when there is not as much left."""
        self.left -= steps
        if self.left < 0:
            raise TooComplex


class Free(Enum):
    """Letters that are no characters."""

    RUN = "*"
    ONE = "?"
    RUN_IN_PART = "*:"
    """Stops at a colon, as in the first five parts of an ARN (P2.2-1)."""
    ONE_IN_PART = "?:"


class Symbol(NamedTuple):
    """The value of a policy variable, whatever it is in a request; the same in all documents (P4.1)."""

    key: str
    default: str | None


Letter = str | Free | Symbol
Letters = tuple[Letter, ...]
_RUNS = frozenset({Free.RUN, Free.RUN_IN_PART})
_BOUND = frozenset({Free.RUN_IN_PART, Free.ONE_IN_PART})
EVERYTHING: Letters = (Free.RUN,)
ACTION: Letters = (Free.RUN, ":", Free.RUN)
"""Whatever has a colon can be an action."""
ARN: Letters = tuple(letter for _ in range(5) for letter in (Free.RUN_IN_PART, ":")) + EVERYTHING


def action_letters(text: str) -> Letters:
    """P2.1-1: in lower case."""
    return tuple(_free(pattern(text.lower())))


def text_letters(text: str) -> Letters:
    """The letters of a pattern of plain texts (C3.3-3)."""
    return tuple(_free(pattern(text)))


def resource_letters(text: str, kind: Kind, *, variables: bool, wide: bool, guess: bool) -> Letters | None:
    """The letters of a resource pattern as a document of this `kind` means it; None if it matches nothing.

    `wide`: a run that ends one of the first five parts swallows colons (P2.2-1). `guess`: variables may have any value.
    """
    if text and not text.strip("*"):
        return EVERYTHING
    parts = split(text, kind)
    if parts is None:
        return None
    heads, tail = parts
    letters: list[Letter] = []
    for head in heads:
        letters += [*_bound(head, wide=wide), ":"]
    parsed = parse(tail, variables=variables, wildcards=True)
    for part in parsed.parts if isinstance(parsed, Template) else parsed:
        if isinstance(part, Variable):
            letters.append(Free.RUN if guess else Symbol(part.key, part.default))
        else:
            letters += _free([part])
    return tuple(letters)


def _free(tokens: Iterable[Token]) -> Iterator[Letter]:
    for token in tokens:
        if isinstance(token, Wild):
            yield Free.RUN if token is Wild.RUN else Free.ONE
        else:
            yield from token


def _bound(head: Sequence[Token], *, wide: bool) -> Iterator[Letter]:
    for place, token in enumerate(head):
        if not isinstance(token, Wild):
            yield from token
        elif token is Wild.ONE:
            yield Free.ONE_IN_PART
        else:
            yield Free.RUN if wide and place == len(head) - 1 else Free.RUN_IN_PART


class Part(NamedTuple):
    """Some texts of the subject: those that exactly the patterns `matching` (by their index) match."""

    matching: frozenset[int]
    has_variable: bool


Place = tuple[int, int]
State = tuple[frozenset[Place], bool]


def divide(subject: Letters, others: Sequence[Letters], fuel: Fuel) -> frozenset[Part]:
    """The parts of what `subject` matches. Raises TooComplex."""
    rows = [*others, subject]
    last = len(others)
    start: State = (_closed({(row, 0) for row in range(len(rows))}, rows), False)
    seen, waiting, parts = {start}, [start], set[Part]()
    while waiting:
        places, has_variable = waiting.pop()
        ended = frozenset(row for row, place in places if place == len(rows[row]))
        if last in ended:
            parts.add(Part(ended - {last}, has_variable))
        for letter in _next_letters(places, rows, last):
            fuel.spend(1 + len(places))
            reached = _closed(set(_after(letter, places, rows)), rows)
            state = (reached, has_variable or isinstance(letter, Symbol))
            if any(row == last for row, _ in reached) and state not in seen:
                seen.add(state)
                waiting.append(state)
    return frozenset(parts)


def _next_letters(places: frozenset[Place], rows: Sequence[Letters], last: int) -> set[str | Symbol]:
    """The letters that make a difference here. The subject's own suffice where it has no free ones."""
    here = [rows[row][place] for row, place in places if row == last and place < len(rows[row])]
    if not any(isinstance(letter, Free) for letter in here):
        return {letter for letter in here if not isinstance(letter, Free)}
    named = {rows[row][place] for row, place in places if place < len(rows[row])}
    characters: set[str | Symbol] = {letter for letter in named if isinstance(letter, str)}
    characters |= {letter for letter in here if isinstance(letter, Symbol)}
    return characters | {OTHER} | ({":"} if not _BOUND.isdisjoint(named) else set())


def _after(letter: str | Symbol, places: frozenset[Place], rows: Sequence[Letters]) -> Iterator[Place]:
    for row, place in places:
        if place == len(rows[row]):
            continue
        wanted = rows[row][place]
        if wanted in _RUNS:
            if letter != ":" or wanted is Free.RUN:
                yield row, place
        elif wanted == letter or (isinstance(letter, str) and _is_free_for(wanted, letter)):
            yield row, place + 1


def _is_free_for(wanted: Letter, character: str) -> bool:
    return wanted is Free.ONE or (wanted is Free.ONE_IN_PART and character != ":")


def _closed(places: set[Place], rows: Sequence[Letters]) -> frozenset[Place]:
    """With the places behind runs, which may be empty."""
    waiting = list(places)
    while waiting:
        row, place = waiting.pop()
        if place < len(rows[row]) and rows[row][place] in _RUNS and (row, place + 1) not in places:
            places.add((row, place + 1))
            waiting.append((row, place + 1))
    return frozenset(places)


def included(narrow: Letters, wide: Sequence[Letters], fuel: Fuel) -> bool:
    """Whether each text of `narrow` matches some pattern of `wide`. Raises TooComplex."""
    return narrow in wide or all(part.matching for part in divide(narrow, wide, fuel))
