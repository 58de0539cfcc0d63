"""Ids that nobody has: tried until the database takes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from akia.aws.errors import ServiceUnavailable
from akia.aws.ids import new_id
from akia.store.errors import IdTaken

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.aws.ids import Prefix

ATTEMPTS = 8
"""How often a fresh id is tried. Each has 39 random bits (W10.9): even with a million taken, eight collisions in a row do not happen."""

T = TypeVar("T")


def with_fresh_id(account: str, prefix: Prefix, make: Callable[[str], T], add: Callable[[T], None]) -> T:
    """Make an entity of `account` under an id that nobody has, and add it. Raises whatever `add` raises, ServiceUnavailable if no id is
    free."""
    for _ in range(ATTEMPTS):
        entity = make(new_id(prefix, account))
        try:
            add(entity)
        except IdTaken:
            continue
        return entity
    raise ServiceUnavailable("No free identifier was found. Try again.", detail=f"{ATTEMPTS} ids {prefix}... in a row were taken")
