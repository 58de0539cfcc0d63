"""Context keys as AWS writes them: the engine knows them in lower case only (C3.1-1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from akia.aws import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping


def in_full(context: Mapping[str, Any]) -> dict[str, Any]:
    """`context` under the names that the catalogue has for its keys; what it does not know stays as it is."""
    return {_name(key): value for key, value in context.items()}


@lru_cache(maxsize=1_024)
def _name(key: str) -> str:
    prefix = key.partition(":")[0]
    found = catalogue.condition_key(None if prefix == "aws" else prefix, key)
    if found is None:
        return key
    stem, slash, _ = found.name.partition("/")
    return f"{stem}/{key.partition('/')[2]}" if slash else found.name
