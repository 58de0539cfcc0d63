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
from tests.variants.asked import Asked
from tests.variants.generator import Variant, Variants

from akia.services import every_service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.variants.asked import Told
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


@dataclass(frozen=True)
class Ledger:
    """A service's errors: by error and operation how each is provoked, or by error why it cannot occur."""

    service: str
    rows: Mapping[str, Mapping[str, Row]]
    never: Mapping[str, list[Never]]

    def pairs(self) -> list[tuple[str, str]]:
        """`(operation, error)` of every row."""
        return [(operation, error) for error, by_operation in self.rows.items() for operation in by_operation]

    def provoke(self, world: Plenty, operation: str, error: str) -> None:
        """The error is answered."""
        told = self.rows[error][operation].told(world, Asked(self.service, operation))
        assert told.code == error, str(told)
        assert told.message

    def unaccounted(self, world: Plenty) -> list[tuple[str, str, str]]:
        """What is wrong with it: errors that nobody accounts for, that the model does not have, or that are accounted for twice."""
        every = {(asked.name, error) for asked in self._every() for error in asked.modelled(world)}
        provoked = set(self.pairs())
        named = {(operation, error) for error, excuses in self.never.items() for each in excuses for operation in each.operations.split()}
        blanket = {error for error, excuses in self.never.items() if any(not each.operations for each in excuses)}
        missing = {(operation, error) for operation, error in every - provoked - named if error not in blanket}
        findings = {"neither provoked nor excused": missing, "not in the model": (provoked | named) - every, "both": provoked & named}
        return sorted((*pair, finding) for finding, pairs in findings.items() for pair in pairs)

    def _every(self) -> list[Asked]:
        return [Asked(self.service, operation.name) for operation in every_service()[self.service]]
