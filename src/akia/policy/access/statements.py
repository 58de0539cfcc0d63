"""A statement as a product of sets: actions, resources, principals, conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from akia.policy.access.conditions import Conditions, conditions
from akia.policy.access.patterns import EVERYTHING, Letters, Symbol, action_letters, resource_letters
from akia.policy.access.principals import Names, names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.policy.access.patterns import Part
    from akia.policy.grammar import Document, StatementText


class Reason(NamedTuple):
    """A statement to blame: its position in the document, from 0, and its Sid if it has one."""

    position: int
    sid: str | None


@dataclass(frozen=True, eq=False)
class Patterns:
    """`Action` or `Resource`, or their negations: what matches one of `surely`, resp. none of them.

    `perhaps` are the same patterns as they may be at most, with any value in the place of each variable. An Allow whose `NotResource` has a
    variable without a value matches nothing (contested: `not_resource_unresolved_variable`), as if everything were excepted.
    """

    surely: tuple[Letters, ...]
    perhaps: tuple[Letters, ...]
    negated: bool

    @cached_property
    def has_variables(self) -> bool:
        return any(isinstance(letter, Symbol) for letters in self.surely for letter in letters)

    @property
    def said(self) -> object:
        """Equal for elements that match the same."""
        return frozenset(self.surely), self.negated

    @property
    def subjects(self) -> tuple[Letters, ...]:
        """Patterns that together cover what is matched; of a negation, everything."""
        return (EVERYTHING,) if self.negated else self.surely

    @property
    def everything(self) -> bool:
        """Whether the resource `*` itself may be matched (P2.2-5)."""
        return (EVERYTHING in self.surely) is not self.negated

    @property
    def surely_everything(self) -> bool:
        """Whether it certainly is."""
        return (EVERYTHING in (self.perhaps if self.negated else self.surely)) is not self.negated


@dataclass(frozen=True, eq=False)
class SymbolicStatement:
    """A statement of a sound document. One that names no resources, as in trust policies, matches all of them (P1.7-1)."""

    reason: Reason
    deny: bool
    actions: Patterns
    resources: Patterns
    principals: Names | None
    conditions: Conditions

    @property
    def said(self) -> object:
        """What it says, whatever its name and place: equal for statements that do the same to every request."""
        return self.deny, self.actions.said, self.resources.said, self.principals, self.conditions


def statements(document: Document) -> list[SymbolicStatement]:
    """The statements of `document` as sets."""
    return [_symbolic(document, statement, index) for index, statement in enumerate(document.statements)]


def _symbolic(document: Document, statement: StatementText, index: int) -> SymbolicStatement:
    actions = tuple(map(action_letters, statement.action if statement.action is not None else statement.not_action or ()))
    return SymbolicStatement(
        Reason(index, statement.sid or None),
        statement.is_deny,
        Patterns(actions, actions, negated=statement.action is None),
        _resources(document, statement),
        names(statement),
        conditions(statement.condition, variables=document.has_variables),
    )


def _resources(document: Document, statement: StatementText) -> Patterns:
    listed = statement.resource if statement.resource is not None else statement.not_resource
    if listed is None:
        return Patterns((EVERYTHING,), (EVERYTHING,), negated=False)
    negated = statement.resource is None
    wide = negated is not statement.is_deny  # as the engine reads them (P2.2-1)

    def read(*, guess: bool) -> tuple[Letters, ...]:
        found = (resource_letters(text, document.kind, variables=document.has_variables, wide=wide, guess=guess) for text in listed)
        return tuple(letters for letters in found if letters is not None)

    sure = Patterns(read(guess=False), read(guess=True), negated)
    return replace(sure, perhaps=(*sure.perhaps, EVERYTHING)) if sure.has_variables and negated and not statement.is_deny else sure


class Rows:
    """The patterns of several elements in one list, as `divide` wants them, and which elements match a part of it."""

    def __init__(self, elements: Iterable[Patterns]) -> None:
        self.letters: list[Letters] = []
        self._surely: dict[int, frozenset[int]] = {}
        self._perhaps: dict[int, frozenset[int]] = {}
        self._known: dict[Letters, int] = {}
        for element in elements:
            self._surely[id(element)] = self.add(element.surely)
            self._perhaps[id(element)] = self.add(element.perhaps)

    def add(self, patterns: Iterable[Letters]) -> frozenset[int]:
        """The indexes of `patterns`; equal ones share theirs."""
        for letters in patterns:
            if self._known.setdefault(letters, len(self.letters)) == len(self.letters):
                self.letters.append(letters)
        return frozenset(self._known[letters] for letters in patterns)

    def surely(self, element: Patterns, part: Part) -> bool:
        """Whether the element certainly matches all texts of the part."""
        if element.negated:
            return not part.has_variable and part.matching.isdisjoint(self._perhaps[id(element)])
        return not part.matching.isdisjoint(self._surely[id(element)])

    def perhaps(self, element: Patterns, part: Part) -> bool:
        """Whether the element may match some text of the part. A text with a variable in it may be any other."""
        if part.has_variable:
            return True
        if element.negated:
            return part.matching.isdisjoint(self._surely[id(element)])
        return not part.matching.isdisjoint(self._perhaps[id(element)])
