"""The context keys that a document speaks of (AC12.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.variables import variable_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.grammar import Document, StatementText


def context_keys(document: Document) -> list[str]:
    """The keys of its conditions and variables, as first written, in order; a key counts once, whatever its letter case (C3.1-1)."""
    found: dict[str, str] = {}
    for statement in document.statements:
        for key in _keys(statement, variables=document.has_variables):
            found.setdefault(key.lower(), key)
    return list(found.values())


def _keys(statement: StatementText, *, variables: bool) -> Iterator[str]:
    if variables:
        for text in statement.resource or statement.not_resource or ():
            yield from variable_keys(text)
    for block in statement.condition.values():
        for key, values in block.items():
            yield key
            for text in values if variables else ():
                yield from variable_keys(text)
