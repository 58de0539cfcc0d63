"""Does one document allow more than another? (CheckNoNewAccess)

Each Allow of the new document is cut into parts: first its actions, then its resources, by all patterns of both documents, then its
principals. In one part every other statement matches everything or nothing, so that only conditions are left, and these are compared by
structure. A part is harmless if the new document certainly denies it, or if the old one has an Allow that certainly holds and no Deny
that the new one lacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.policy.access.conditions import exclude, imply
from akia.policy.access.patterns import ACTION, ARN, Fuel, divide
from akia.policy.access.principals import EVERYBODY, Name, Names
from akia.policy.access.statements import Rows, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.access.statements import Reason, SymbolicStatement
    from akia.policy.grammar import Document


def new_access(document: Document, than: Document) -> list[Reason]:
    """The Allow statements of `document` that may allow what `than` does not. Raises TooComplex."""
    new, fuel = statements(document), Fuel()
    denied = [statement for statement in new if statement.deny]
    repeated = {statement.said for statement in denied}
    old = [statement for statement in statements(than) if not (statement.deny and statement.said in repeated)]
    return [statement.reason for statement in new if not statement.deny and not _is_covered(statement, Others.of(denied, old), fuel)]


class Others(NamedTuple):
    """The statements that still matter in a part."""

    denied: tuple[SymbolicStatement, ...]
    """Denies of the new document that certainly match."""
    allowed: tuple[SymbolicStatement, ...]
    """Allows of the old document that certainly match."""
    was_denied: tuple[SymbolicStatement, ...]
    """Denies of the old document that may match."""

    @classmethod
    def of(cls, denied: list[SymbolicStatement], old: list[SymbolicStatement]) -> Others:
        allowed = tuple(statement for statement in old if not statement.deny)
        return cls(tuple(denied), allowed, tuple(statement for statement in old if statement.deny))

    @property
    def all(self) -> tuple[SymbolicStatement, ...]:
        return self.denied + self.allowed + self.was_denied


def _is_covered(statement: SymbolicStatement, others: Others, fuel: Fuel) -> bool:
    if not others.was_denied and any(other.said == statement.said for other in others.allowed):
        return True
    return all(
        _conditions_are_covered(statement, _of_name(statement, name, left), fuel)
        for in_actions in _by_actions(statement, others, fuel)
        for left in _by_resources(statement, in_actions, fuel)
        for name in _subjects(statement.principals)
    )


def _by_actions(statement: SymbolicStatement, others: Others, fuel: Fuel) -> set[Others]:
    """What is left of `others` in each part of the statement's actions."""
    rows = Rows([statement.actions, *(other.actions for other in others.all)])
    actions = rows.add([ACTION])
    found = set()
    for subject in statement.actions.subjects:
        for part in divide(subject, rows.letters, fuel):
            if not part.matching.isdisjoint(actions) and rows.perhaps(statement.actions, part):
                found.add(
                    Others(
                        tuple(other for other in others.denied if rows.surely(other.actions, part)),
                        tuple(other for other in others.allowed if rows.surely(other.actions, part) or other.said == statement.said),
                        tuple(other for other in others.was_denied if rows.perhaps(other.actions, part)),
                    )
                )
    return found


def _by_resources(statement: SymbolicStatement, others: Others, fuel: Fuel) -> Iterator[Others]:
    """The same for its resources, and for the resource `*` of actions without resource-level support."""
    rows = Rows([statement.resources, *(other.resources for other in others.all)])
    arns = rows.add([ARN])
    for subject in statement.resources.subjects:
        for part in divide(subject, rows.letters, fuel):
            if not part.matching.isdisjoint(arns) and rows.perhaps(statement.resources, part):
                yield Others(
                    tuple(other for other in others.denied if rows.surely(other.resources, part)),
                    tuple(other for other in others.allowed if rows.surely(other.resources, part) or other.said == statement.said),
                    tuple(other for other in others.was_denied if rows.perhaps(other.resources, part)),
                )
    if statement.resources.everything:
        yield Others(
            tuple(other for other in others.denied if other.resources.surely_everything),
            tuple(other for other in others.allowed if other.resources.surely_everything or other.said == statement.said),
            tuple(other for other in others.was_denied if other.resources.everything),
        )


def _subjects(principals: Names | None) -> list[Name | None]:
    """The principals to look at one by one; None where documents name nobody."""
    if principals is None:
        return [None]
    return [EVERYBODY] if principals.negated else list(principals.listed)


def _of_name(statement: SymbolicStatement, name: Name | None, others: Others) -> Others:
    return Others(
        tuple(other for other in others.denied if surely(other, name)),
        tuple(other for other in others.allowed if surely(other, name) or other.said == statement.said),
        tuple(other for other in others.was_denied if name is None or other.principals is None or other.principals.perhaps(name)),
    )


def surely(statement: SymbolicStatement, name: Name | None) -> bool:
    """Whether the statement certainly concerns whoever acts under `name`."""
    return name is None or statement.principals is None or statement.principals.surely(name)


def _conditions_are_covered(statement: SymbolicStatement, others: Others, fuel: Fuel) -> bool:
    if any(imply(statement.conditions, other.conditions, fuel) for other in others.denied):
        return True
    if not any(imply(statement.conditions, other.conditions, fuel) for other in others.allowed):
        return False
    return all(
        exclude(statement.conditions, was.conditions, fuel) or any(imply(was.conditions, now.conditions, fuel) for now in others.denied)
        for was in others.was_denied
    )
