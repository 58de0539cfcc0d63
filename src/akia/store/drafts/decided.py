"""What was decided, as columns: the statements that did it, and whether it was a denial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.store.core import p, sa

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement

Statements = tuple[tuple[str, str | None, int], ...]
"""(policy, sid, position) of each."""


def to_text(statements: Statements) -> str:
    """Statements as a column of text."""
    return orjson.dumps(statements).decode()


def from_text(text: str) -> Statements:
    """What `to_text` was given."""
    return tuple((policy, sid, position) for policy, sid, position in orjson.loads(text))


def is_of_change(decided: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the outcome `decided` is that of the parameter `outcome`: "allowed", any other word for a denial, "" for either."""
    allowed: ColumnElement[Any] = sa.literal_column("'allowed'")
    return sa.or_(p("outcome") == sa.literal_column("''"), (decided == allowed) == (p("outcome") == allowed))
