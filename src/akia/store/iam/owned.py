"""What users own one by one: certificates, SSH keys, credentials of services. Each has an id, an owner, a birthday and a status."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from akia.store.core import p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.sql import Select

    from akia.identity.access_key import KeyStatus
    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

SHARED = ("account", "id", "user_id", "created", "status")
"""The columns that every such table has."""


class Owned(Protocol):
    """A certificate, a key or a credential."""

    @property
    def account(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def created(self) -> int: ...
    @property
    def status(self) -> KeyStatus: ...


T = TypeVar("T", bound=Owned)


class OwnedQueries:
    """The statements of one such table: `more` are the columns beside SHARED that `value_of` reads."""

    def __init__(self, name: str, table: Callable[[], sa.Table], *more: str) -> None:
        def query(what: str, build: Callable[[sa.Table], Any]) -> Query:
            return Query(f"{name}.{what}", lambda: build(table()))

        self._table = table
        self._columns = SHARED + more
        self.get = query("get", lambda t: self.select().where(t.c.id == p("id")))
        self.of_user = query("of_user", lambda t: self.select().where(t.c.user_id == p("user_id")).order_by(t.c.created, t.c.id))
        self.add = query("add", lambda t: sa.insert(t))
        self.set_status = query("set_status", lambda t: sa.update(t).where(t.c.id == p("row_id")).values(status=p("new_status")))
        self.delete = query("delete", lambda t: sa.delete(t).where(t.c.id == p("id")))

    def select(self) -> Select[Any]:
        """Selects whole values of this table, columns in the order in which `value_of` reads them."""
        table = self._table()
        return sa.select(*(table.c[name] for name in self._columns))


class OwnedRepository(Generic[T]):
    """Certificates, keys or credentials. Subjects of changes are their ids."""

    queries: ClassVar[OwnedQueries]

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    @staticmethod
    @abstractmethod
    def value_of(row: Row) -> T:
        """The value in a row that `queries.select()` answered."""

    def get(self, unique_id: str) -> T | None:
        row = self._connection.row(self.queries.get, id=unique_id)
        return self.value_of(row) if row else None

    def of(self, owner_id: str) -> list[T]:
        """The user's, oldest first."""
        return [self.value_of(row) for row in self._connection.rows(self.queries.of_user, user_id=owner_id)]

    def set_status(self, unique_id: str, status: KeyStatus) -> None:
        if self._connection.run(self.queries.set_status, row_id=unique_id, new_status=status.value):
            self._changes.add(unique_id)

    def delete(self, unique_id: str) -> None:
        if self._connection.run(self.queries.delete, id=unique_id):
            self._changes.add(unique_id)

    def _add(self, value: T, user_id: str | None, more: Mapping[str, Value]) -> None:
        """Raises IdTaken, NameTaken if something else must be unique, StillReferred if the owner is not there."""
        shared: dict[str, Value] = {"account": value.account, "id": value.id, "created": value.created, "status": value.status.value}
        self._connection.run(self.queries.add, user_id=user_id, **shared, **more)
