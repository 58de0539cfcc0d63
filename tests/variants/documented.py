"""Errors that the model documents, each provoked once: what must be different in a good request for it to be refused so.

    ROWS = {"NoSuchEntity": each("GetUser DeleteUser", UserName="nobody") | {"CreateUser": row(PermissionsBoundary=NO_POLICY)}}
    NEVER = {"ConcurrentModification": Never("changes take turns here")}

A row starts from the least that its operation needs in the world with one of everything.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.variants.generator import Variant, Variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.variants.asked import Asked, Told
    from tests.variants.plenty import Plenty

    Changes = Mapping[str, Any] | Callable[[Plenty], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """How an error is provoked: by other members, by small quotas and other `settings`, by what has happened `first`, by who asks.

    `changes` and `first` may ask the world for what they need; `settings` are values of modules by their dotted names.
    """

    changes: Changes = field(default_factory=dict)
    by: str = "ann"
    quotas: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    first: Callable[[Plenty], object] | None = None

    def told(self, world: Plenty, asked: Asked) -> Told:
        """The answer."""
        authority = world.akia.akia.authority
        with world.lasting() if self.first else nullcontext(), pytest.MonkeyPatch.context() as patch:
            if self.first:
                self.first(world)
            patch.setattr(authority, "quotas", replace(authority.quotas, **self.quotas))
            for name, value in self.settings.items():
                patch.setattr(name, value)
            return asked.told(world, self.by, Variant("provoked", self._members(world, asked)))

    def _members(self, world: Plenty, asked: Asked) -> dict[str, Any]:
        shape = asked.operation.interface.input
        least = Variants(shape, world.known(*asked.key)).least() if shape else {}
        changes = self.changes(world) if callable(self.changes) else self.changes
        return least | dict(changes)


@dataclass(frozen=True)
class Never:
    """Why an error cannot occur here: for these operations, or for all others that the model gives it."""

    because: str
    operations: str = ""


def row(**changes: Any) -> Row:
    """A row with other members."""
    return Row(changes)


def each(operations: str, **changes: Any) -> dict[str, Row]:
    """The same row for every one of these operations."""
    return dict.fromkeys(operations.split(), Row(changes))


def full(**quotas: int) -> Row:
    """A row with these quotas."""
    return Row(quotas=quotas)


def modelled(world: Plenty, operations: Iterable[Asked]) -> set[tuple[str, str]]:
    """Every `(operation, error)` of the model."""
    return {(asked.name, error) for asked in operations for error in asked.modelled(world)}


def pairs(rows: Mapping[str, Mapping[str, Row]]) -> list[tuple[str, str]]:
    """`(operation, error)` of every row."""
    return [(operation, error) for error, by_operation in rows.items() for operation in by_operation]


def unaccounted(
    rows: Mapping[str, Mapping[str, Row]], never: Mapping[str, list[Never]], every: set[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """What is wrong with the tables: errors that nobody accounts for, that the model does not have, or that are accounted for twice."""
    provoked = set(pairs(rows))
    named = {(operation, error) for error, excuses in never.items() for each in excuses for operation in each.operations.split()}
    blanket = {error for error, excuses in never.items() if any(not each.operations for each in excuses)}
    missing = {(operation, error) for operation, error in every - provoked - named if error not in blanket}
    findings = {"neither provoked nor excused": missing, "not in the model": (provoked | named) - every, "both": provoked & named}
    return sorted((*pair, finding) for finding, pairs_ in findings.items() for pair in pairs_)
