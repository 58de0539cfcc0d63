"""Errors that the model documents, each provoked once: what must be different in a good request for it to be refused so.

    ROWS = {"NoSuchEntity": each("GetUser DeleteUser", UserName="nobody") | {"CreateUser": row(PermissionsBoundary=absent)}}
    NEVER = {"ConcurrentModification": Never("changes take turns here")}

A row starts from the least that its operation needs in the world with one of everything.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.variants.generator import Variant, Variants
from tests.variants.test_variants import Asked, Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.variants.plenty import Plenty

    Changes = Mapping[str, Any] | Callable[[Plenty], Mapping[str, Any]]

ABSENT = object()
"""Takes a member out."""


@dataclass(frozen=True)
class Row:
    """How an error is provoked: by other members, by small quotas, by what has happened `first`, by who asks."""

    changes: Changes = field(default_factory=dict)
    by: str = "ann"
    quotas: Mapping[str, int] = field(default_factory=dict)
    first: Callable[[Plenty], object] | None = None

    def told(self, world: Plenty, asked: Asked) -> Told:
        """The answer."""
        authority = world.akia.akia.authority
        quotas = authority.quotas
        with world.lasting() if self.first else nullcontext():
            if self.first:
                self.first(world)
            authority.quotas = replace(quotas, **self.quotas)
            try:
                return asked.told(world, self.by, Variant("provoked", self._members(world, asked)))
            finally:
                authority.quotas = quotas

    def _members(self, world: Plenty, asked: Asked) -> dict[str, Any]:
        shape = asked.operation.interface.input
        least = Variants(shape, world.known(*asked.key)).least() if shape else {}
        changes = self.changes(world) if callable(self.changes) else self.changes
        return {name: value for name, value in (least | dict(changes)).items() if value is not ABSENT}


@dataclass(frozen=True)
class Never:
    """Why an error cannot occur here; for all operations that have it in the model, or for these."""

    because: str
    operations: str = ""

    def covers(self, operation: str) -> bool:
        return not self.operations or operation in self.operations.split()


def row(**changes: Any) -> Row:
    """A row with other members."""
    return Row(changes)


def each(operations: str, **changes: Any) -> dict[str, Row]:
    """The same row for every one of these operations."""
    return dict.fromkeys(operations.split(), Row(changes))


def full(**quotas: int) -> Row:
    """A row with these quotas."""
    return Row(quotas=quotas)


def modelled(world: Plenty, service: str, operations: Iterator[str]) -> set[tuple[str, str]]:
    """Every `(operation, error)` of the model."""
    model = world.client("root", service).meta.service_model
    return {
        (name, shape.metadata.get("error", {}).get("code", shape.name))
        for name in operations
        for shape in model.operation_model(name).error_shapes
    }


def pairs(rows: Mapping[str, Mapping[str, Row]]) -> list[tuple[str, str]]:
    """`(operation, error)` of every row."""
    return [(operation, error) for error, by_operation in rows.items() for operation in by_operation]


def excused(never: Mapping[str, list[Never]], every: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of `every` that cannot occur."""
    return {(operation, error) for operation, error in every if any(each.covers(operation) for each in never.get(error, ()))}
