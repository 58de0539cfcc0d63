"""What repositories have in common whose tables hold one kind of value, a row each."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from akia.store.core import p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.sql import Select

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

T = TypeVar("T")


class RowQueries:
    """The statements of one such table. `columns` are those of whole values, in the order in which `value_of` reads them."""

    def __init__(self, name: str, table: Callable[[], sa.Table], columns: tuple[str, ...]) -> None:
        self._name = name
        self._table = table
        self._columns = columns
        self.with_id = self.query("with_id", lambda t: self.select().where(t.c.id == p("id")))
        self.add = self.query("add", lambda t: sa.insert(t))

    def query(self, what: str, build: Callable[[sa.Table], Any]) -> Query:
        """One more statement of this table, called `what`."""
        return Query(f"{self._name}.{what}", lambda: build(self._table()))

    def select(self) -> Select[Any]:
        """Selects whole values."""
        table = self._table()
        return sa.select(*(table.c[name] for name in self._columns))


class RowRepository(Generic[T]):
    """Subjects of changes are the ids of the values."""

    queries: ClassVar[RowQueries]

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    @staticmethod
    @abstractmethod
    def value_of(row: Row) -> T:
        """The value in a row that `queries.select()` answered."""

    def _one(self, query: Query, **parameters: Value) -> T | None:
        row = self._connection.row(query, **parameters)
        return self.value_of(row) if row else None

    def _all(self, query: Query, **parameters: Value) -> list[T]:
        return [self.value_of(row) for row in self._connection.rows(query, **parameters)]

    def _run(self, query: Query, unique_id: str, **parameters: Value) -> None:
        """Run a change of the value `unique_id`, and tell the feed if there was one."""
        if self._connection.run(query, **parameters):
            self._changes.add(unique_id)
