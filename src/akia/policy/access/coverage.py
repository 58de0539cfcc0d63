"""Does one document allow more than another? (CheckNoNewAccess)

Each Allow of the new document is cut into parts: first its actions, then its resources, by all patterns of both documents, then its
principals. In one part every other statement matches everything or nothing, so that only conditions are left, and these are compared by
structure. A part is harmless if the new document certainly denies it, or if the old one has an Allow that certainly holds and no Deny
that the new one lacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.policy.access.conditions import exclude, imply
from akia.policy.access.grants import Rows, grants
from akia.policy.access.patterns import ACTION, ARN, Fuel, divide
from akia.policy.access.principals import EVERYBODY, Name, Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.access.grants import Grant, Reason
    from akia.policy.grammar import Document


def new_access(document: Document, than: Document) -> list[Reason]:
    """The Allow statements of `document` that may allow what `than` does not. Raises TooComplex."""
    new, fuel = grants(document), Fuel()
    denied = [grant for grant in new if grant.deny]
    repeated = {grant.said for grant in denied}
    old = [grant for grant in grants(than) if not (grant.deny and grant.said in repeated)]
    return [grant.reason for grant in new if not grant.deny and not _is_covered(grant, Others.of(denied, old), fuel)]


class Others(NamedTuple):
    """The statements that still matter in a part."""

    denied: tuple[Grant, ...]
    """Denies of the new document that certainly match."""
    allowed: tuple[Grant, ...]
    """Allows of the old document that certainly match."""
    was_denied: tuple[Grant, ...]
    """Denies of the old document that may match."""

    @classmethod
    def of(cls, denied: list[Grant], old: list[Grant]) -> Others:
        return cls(tuple(denied), tuple(grant for grant in old if not grant.deny), tuple(grant for grant in old if grant.deny))

    @property
    def all(self) -> tuple[Grant, ...]:
        return self.denied + self.allowed + self.was_denied


def _is_covered(grant: Grant, others: Others, fuel: Fuel) -> bool:
    if not others.was_denied and any(other.said == grant.said for other in others.allowed):
        return True
    return all(
        _conditions_are_covered(grant, _of_name(grant, name, left), fuel)
        for in_actions in _by_actions(grant, others, fuel)
        for left in _by_resources(grant, in_actions, fuel)
        for name in _subjects(grant.principals)
    )


def _by_actions(grant: Grant, others: Others, fuel: Fuel) -> set[Others]:
    """What is left of `others` in each part of the grant's actions."""
    rows = Rows([grant.actions, *(other.actions for other in others.all)])
    actions = rows.add([ACTION])
    found = set()
    for subject in grant.actions.subjects:
        for part in divide(subject, rows.letters, fuel):
            if not part.matching.isdisjoint(actions) and rows.perhaps(grant.actions, part):
                found.add(
                    Others(
                        tuple(other for other in others.denied if rows.surely(other.actions, part)),
                        tuple(other for other in others.allowed if rows.surely(other.actions, part) or other.said == grant.said),
                        tuple(other for other in others.was_denied if rows.perhaps(other.actions, part)),
                    )
                )
    return found


def _by_resources(grant: Grant, others: Others, fuel: Fuel) -> Iterator[Others]:
    """The same for its resources, and for the resource `*` of actions without resource-level support."""
    rows = Rows([grant.resources, *(other.resources for other in others.all)])
    arns = rows.add([ARN])
    for subject in grant.resources.subjects:
        for part in divide(subject, rows.letters, fuel):
            if not part.matching.isdisjoint(arns) and rows.perhaps(grant.resources, part):
                yield Others(
                    tuple(other for other in others.denied if rows.surely(other.resources, part)),
                    tuple(other for other in others.allowed if rows.surely(other.resources, part) or other.said == grant.said),
                    tuple(other for other in others.was_denied if rows.perhaps(other.resources, part)),
                )
    if grant.resources.everything:
        yield Others(*(tuple(other for other in group if other.resources.everything) for group in others))


def _subjects(principals: Names | None) -> list[Name | None]:
    """The principals to look at one by one; None where documents name nobody."""
    if principals is None:
        return [None]
    return [EVERYBODY] if principals.negated else list(principals.listed)


def _of_name(grant: Grant, name: Name | None, others: Others) -> Others:
    return Others(
        tuple(other for other in others.denied if surely(other, name)),
        tuple(other for other in others.allowed if surely(other, name) or other.said == grant.said),
        tuple(other for other in others.was_denied if name is None or other.principals is None or other.principals.perhaps(name)),
    )


def surely(grant: Grant, name: Name | None) -> bool:
    """Whether the statement certainly concerns whoever acts under `name`."""
    return name is None or grant.principals is None or grant.principals.surely(name)


def _conditions_are_covered(grant: Grant, others: Others, fuel: Fuel) -> bool:
    if any(imply(grant.conditions, other.conditions, fuel) for other in others.denied):
        return True
    if not any(imply(grant.conditions, other.conditions, fuel) for other in others.allowed):
        return False
    return all(
        exclude(grant.conditions, was.conditions, fuel) or any(imply(was.conditions, now.conditions, fuel) for now in others.denied)
        for was in others.was_denied
    )
