"""Statements that say the same."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from akia.policy.findings.finding import Found, Place, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from akia.policy.findings.draft import Draft

rules = Rules()


@rules.document("REDUNDANT_STATEMENT")
def statements(draft: Draft) -> Iterator[Found]:
    """Equal but for their Sid; lists count as sets and a bare value as a list of one (P1.1-4, P5.1-1)."""
    places: dict[Hashable, list[Place]] = defaultdict(list)
    for statement in draft.statements:
        said = {name: value for name, value in statement.members.items() if name != "Sid"}
        places[_unordered(said)].append(statement.at())
    for where in places.values():
        if len(where) > 1:
            yield found("REDUNDANT_STATEMENT", *where)


def _unordered(value: object) -> Hashable:
    if isinstance(value, dict):
        return frozenset((name, _unordered(item)) for name, item in value.items())
    items = value if isinstance(value, list) else [value]
    return frozenset(_unordered(item) if isinstance(item, dict | list) else str(item) for item in items)
