"""What users own one by one: certificates, SSH keys, credentials of services. Each has an id, an owner, a birthday and a status."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from akia.store.core import p, sa
from akia.store.iam.rows import RowQueries, RowRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.identity.access_key import KeyStatus
    from akia.store.connection import Value

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


class OwnedQueries(RowQueries):
    """The statements of one such table: `more` are the columns beside SHARED that `value_of` reads. Of two of one second that one is the
    older which has the lesser value in the column `order`."""

    def __init__(self, name: str, table: Callable[[], sa.Table], *more: str, order: str = "id") -> None:
        super().__init__(name, table, SHARED + more)
        self.of_user = self.query("of_user", lambda t: self.select().where(t.c.user_id == p("user_id")).order_by(t.c.created, t.c[order]))
        self.set_status = self.query("set_status", lambda t: sa.update(t).where(t.c.id == p("row_id")).values(status=p("new_status")))
        self.delete = self.query("delete", lambda t: sa.delete(t).where(t.c.id == p("id")))


class OwnedRepository(RowRepository[T]):
    """Certificates, keys or credentials, owned by users."""

    queries: ClassVar[OwnedQueries]

    def get(self, unique_id: str) -> T | None:
        return self._one(self.queries.with_id, id=unique_id)

    def of(self, owner_id: str) -> list[T]:
        """The user's, oldest first."""
        return self._all(self.queries.of_user, user_id=owner_id)

    def set_status(self, unique_id: str, status: KeyStatus) -> None:
        self._run(self.queries.set_status, unique_id, row_id=unique_id, new_status=status.value)

    def delete(self, unique_id: str) -> None:
        self._run(self.queries.delete, unique_id, id=unique_id)

    def _add(self, value: T, user_id: str | None, more: Mapping[str, Value]) -> None:
        """Raises IdTaken, NameTaken if something else must be unique, StillReferred if the owner is not there."""
        shared: dict[str, Value] = {"account": value.account, "id": value.id, "created": value.created, "status": value.status.value}
        self._connection.run(self.queries.add, user_id=user_id, **shared, **more)


class OwnedWithRootQueries(OwnedQueries):
    """The same for tables that hold what root users own, too: those rows have no user."""

    def __init__(self, name: str, table: Callable[[], sa.Table], *more: str, order: str = "id") -> None:
        super().__init__(name, table, *more, order=order)
        self.of_root = self.query(
            "of_root",
            lambda t: self.select().where(t.c.account == p("account"), t.c.user_id.is_(None)).order_by(t.c.created, t.c[order]),
        )


class OwnedWithRootRepository(OwnedRepository[T]):
    """Owners are user ids, or account ids for what is root's."""

    queries: ClassVar[OwnedWithRootQueries]

    def of(self, owner_id: str) -> list[T]:
        """The owner's, oldest first."""
        return self._all(self.queries.of_root, account=owner_id) if owner_id.isdecimal() else super().of(owner_id)
