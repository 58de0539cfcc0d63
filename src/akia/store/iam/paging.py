"""One page of a list: below a path, after a name, at most so many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.store.core import limited, p, sa

if TYPE_CHECKING:
    from sqlalchemy.sql import Select
    from sqlalchemy.sql.elements import ColumnElement


def page_by_name(statement: Select[Any], table: sa.Table) -> Select[Any]:
    """`statement` cut to the page that the parameters `path_prefix`, `after` and `limit` ask for, by name without regard to case."""
    return limited(statement.where(below_path(table), table.c.name_key > p("after")).order_by(table.c.name_key))


def below_path(table: sa.Table) -> ColumnElement[bool]:
    """Whether the row's path begins with the parameter `path_prefix`. LIKE would ignore case and read its wildcards (NT-39)."""
    beginning = sa.func.substr(table.c.path, sa.literal_column("1"), sa.func.length(p("path_prefix")))
    return beginning == p("path_prefix")
