"""Rows that are values of one class: its fields are the table's columns, in their order."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from akia.store.core import limited, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.sql import Select

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

T = TypeVar("T")


class Records(Generic[T]):
    """The statements of one table, called `noun.…`. `key` are its key columns; pages go by the last of them."""

    def __init__(self, noun: str, table: Callable[[], sa.Table], make: Callable[..., T], *key: str) -> None:
        self.key, self.make = key, make
        self._noun, self._table = noun, table
        self.get = self.query("get", lambda t: self._where(sa.select(t), *key))
        self.add = self.query("add", lambda t: sa.insert(t))
        self.delete = self.query("delete", lambda t: self._where(sa.delete(t), *key))

    def query(self, what: str, build: Callable[[sa.Table], Any]) -> Query:
        """A statement about this table."""
        return Query(f"{self._noun}.{what}", lambda: build(self._table()))

    def update(self, *columns: str) -> Query:
        """Writes `columns` (parameters `new_…`) of the row with the key (parameters `old_…`)."""

        def build(t: sa.Table) -> Any:
            mine = [t.c[name] == p(f"old_{name}") for name in self.key]
            return sa.update(t).where(*mine).values({name: p(f"new_{name}") for name in columns})

        return self.query("replace", build)

    def listing(self, what: str, *equal: str) -> Query:
        """One page of the rows whose columns `equal` have the values of the parameters so called."""
        last = self.key[-1]
        return self.query(what, lambda t: limited(self._where(sa.select(t), *equal).where(t.c[last] > p("after")).order_by(t.c[last])))

    def _where(self, statement: Any, *columns: str) -> Any:
        table = self._table()
        return statement.where(*(table.c[name] == p(name) for name in columns))


class Repository(Generic[T]):
    """The rows of `records`."""

    records: ClassVar[Records[Any]]

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def get(self, *key: str) -> T | None:
        return self._one(self.records.get, **dict(zip(self.records.key, key, strict=True)))

    def add(self, value: T) -> None:
        """Raises IdTaken or NameTaken."""
        self._connection.run(self.records.add, **columns_of(value))

    def delete(self, *key: str) -> bool:
        """Whether there was one. Raises StillReferred if others need it."""
        return self._connection.run(self.records.delete, **dict(zip(self.records.key, key, strict=True))) > 0

    def _replace(self, query: Query, value: T) -> bool:
        """Runs an `update` with the columns of `value`. Raises NameTaken."""
        wanted = columns_of(value)
        old = {f"old_{name}": wanted[name] for name in self.records.key}
        new = {f"new_{name}": text for name, text in wanted.items() if f":new_{name}" in query.sqlite}
        return self._connection.run(query, **old, **new) > 0

    def _one(self, query: Query, **parameters: Value) -> T | None:
        row = self._connection.row(query, **parameters)
        return self._value(row) if row else None

    def _page(self, query: Query, after: str | None, limit: int, **parameters: Value) -> list[T]:
        return [self._value(row) for row in self._connection.rows(query, after=after or "", limit=limit, **parameters)]

    def _value(self, row: Row) -> T:
        value: T = self.records.make(*row)
        return value


def columns_of(value: Any) -> Mapping[str, Value]:
    """The columns of a value, by their names."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def count_where(*columns: str) -> Callable[[sa.Table], Select[Any]]:
    """How many rows have, in `columns`, the values of the parameters so called."""

    def build(table: sa.Table) -> Select[Any]:
        return sa.select(sa.func.count()).select_from(table).where(*(table.c[name] == p(name) for name in columns))

    return build
