"""Does a document allow any of some actions on any of some resources? (CheckAccessNotGranted)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.access.conditions import imply
from akia.policy.access.coverage import surely
from akia.policy.access.patterns import ACTION, ARN, EVERYTHING, Fuel, action_letters, divide, resource_letters
from akia.policy.access.principals import EVERYBODY
from akia.policy.access.statements import Rows, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akia.policy.access.patterns import Letters
    from akia.policy.access.statements import Reason, SymbolicStatement
    from akia.policy.grammar import Document

Denies = tuple["SymbolicStatement", ...]


def granted(document: Document, actions: Sequence[str], resources: Sequence[str]) -> list[Reason]:
    """The Allow statements of `document` that may allow one of `actions` on one of `resources`; an empty list stands for all.

    Both are patterns as in a policy, without variables. Raises TooComplex.
    """
    fuel, known = Fuel(), statements(document)
    wanted_actions = [action_letters(text) for text in actions] or [EVERYTHING]
    wanted_resources = [
        letters
        for text in resources
        if (letters := resource_letters(text, document.kind, variables=False, wide=True, guess=True)) is not None
    ] or [EVERYTHING]
    denies = tuple(statement for statement in known if statement.deny)
    return [
        statement.reason
        for statement in known
        if not statement.deny
        and any(not _is_denied(statement, left, fuel) for left in parts(statement, denies, wanted_actions, wanted_resources, fuel))
    ]


def parts(statement: SymbolicStatement, denies: Denies, actions: list[Letters], resources: list[Letters], fuel: Fuel) -> Iterator[Denies]:
    """For each part of `actions` and `resources` that the statement may match, those of `denies` that certainly match it.

    Raises TooComplex.
    """
    for in_actions in _by_actions(statement, denies, actions, fuel):
        yield from _by_resources(statement, in_actions, resources, fuel)


def _by_actions(statement: SymbolicStatement, denies: Denies, actions: list[Letters], fuel: Fuel) -> set[Denies]:
    """The Denies that certainly match, for each part of the actions that the statement matches."""
    rows = Rows([statement.actions, *(deny.actions for deny in denies)])
    well_formed = rows.add([ACTION])
    return {
        tuple(deny for deny in denies if rows.surely(deny.actions, part))
        for subject in actions
        for part in divide(subject, rows.letters, fuel)
        if not part.matching.isdisjoint(well_formed) and rows.perhaps(statement.actions, part)
    }


def _by_resources(statement: SymbolicStatement, denies: Denies, resources: list[Letters], fuel: Fuel) -> Iterator[Denies]:
    rows = Rows([statement.resources, *(deny.resources for deny in denies)])
    well_formed = rows.add([ARN])
    for subject in resources:
        for part in divide(subject, rows.letters, fuel):
            if not part.matching.isdisjoint(well_formed) and rows.perhaps(statement.resources, part):
                yield tuple(deny for deny in denies if rows.surely(deny.resources, part))
    if EVERYTHING in resources and statement.resources.everything:
        yield tuple(deny for deny in denies if deny.resources.surely_everything)


def _is_denied(statement: SymbolicStatement, denies: Denies, fuel: Fuel) -> bool:
    """Whether for each principal of the statement some Deny certainly holds."""
    named = statement.principals
    subjects = [None] if named is None else [EVERYBODY] if named.negated else list(named.listed)
    return all(any(surely(deny, name) and imply(statement.conditions, deny.conditions, fuel) for deny in denies) for name in subjects)
