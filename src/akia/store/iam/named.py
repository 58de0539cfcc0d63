"""What users, groups, roles, instance profiles and server certificates have in common: an account, a unique id, a name and a path."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from akia.store.core import iam, p, sa
from akia.store.errors import NameTaken
from akia.store.iam.paging import page_by_name
from akia.store.iam.rows import RowQueries, RowRepository
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.identity.named import Named
    from akia.store.connection import Value

SHARED = ("account", "id", "name", "path", "created")
"""The columns that every such table has, in the order of the fields of its value."""

_ADD_IDENTITY = Query("identities.add", lambda: sa.insert(iam.identities))
_DELETE_IDENTITY = Query("identities.delete", lambda: sa.delete(iam.identities).where(iam.identities.c.id == p("id")))


T = TypeVar("T", bound="Named")


class NamedQueries(RowQueries):
    """The statements of one such table: beside SHARED it has the columns `fixed`, which are written once, and `more`, in the order of the
    value's fields."""

    def __init__(self, name: str, table: Callable[[], sa.Table], *more: str, fixed: tuple[str, ...] = ()) -> None:
        super().__init__(name, table, SHARED + fixed + more)
        self.named = self.query(
            "named", lambda t: self.select().where(t.c.account == p("account"), t.c.name == p("name"), t.c.name_key == p("name_key"))
        )
        self.taken = self.query("taken", lambda t: sa.select(t.c.id).where(t.c.account == p("account"), t.c.name_key == p("name_key")))
        self.replace = self.query("replace", lambda t: _replacement(t, more))
        self.page = self.query("page", lambda t: page_by_name(self.select().where(t.c.account == p("account")), t))
        self.count = self.query("count", lambda t: sa.select(sa.func.count()).select_from(t).where(t.c.account == p("account")))


def _replacement(table: sa.Table, more: tuple[str, ...]) -> Any:
    changed = ("name", "name_key", "path", *more)
    return sa.update(table).where(table.c.id == p("row_id")).values({name: p(f"new_{name}") for name in changed})


class NamedRepository(RowRepository[T]):
    """Look-ups are case-sensitive, uniqueness is not (P5.4-21)."""

    queries: ClassVar[NamedQueries]

    @staticmethod
    @abstractmethod
    def _more(value: T) -> Mapping[str, Value]:
        """The columns that may change, beside SHARED."""

    def named(self, account: str, name: str) -> T | None:
        """The one of exactly this name."""
        return self._one(self.queries.named, account=account, name=name, name_key=name.lower())

    def with_id(self, unique_id: str) -> T | None:
        return self._one(self.queries.with_id, id=unique_id)

    def taken(self, account: str, name: str) -> bool:
        """Whether there is one of this name, in whatever case."""
        return self._connection.row(self.queries.taken, account=account, name_key=name.lower()) is not None

    def _require_free(self, value: T) -> None:
        if self.taken(value.account, value.name):
            raise NameTaken(value.name)

    def _insert(self, value: T, **fixed: Value) -> None:
        shared: dict[str, Value] = {"account": value.account, "id": value.id, "created": value.created}
        self._connection.run(self.queries.add, **shared, **fixed, **_names(value), **self._more(value))

    def replace(self, value: T) -> None:
        """Writes name, path and everything else that may change, by id. Raises NameTaken."""
        changed = {**_names(value), **self._more(value)}
        self._run(self.queries.replace, value.id, row_id=value.id, **{f"new_{name}": new for name, new in changed.items()})

    def page(self, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100) -> list[T]:
        """At most `limit` of those below `path_prefix` whose names come after `after`, by name without regard to case."""
        return self._all(self.queries.page, account=account, path_prefix=path_prefix, after=(after or "").lower(), limit=limit)

    def count(self, account: str) -> int:
        return self._connection.count(self.queries.count, account=account)


class IdentityRepository(NamedRepository[T]):
    """Users, groups and roles, which policies stand on."""

    def add(self, value: T) -> None:
        """Raises IdTaken or NameTaken."""
        self._require_free(value)
        self._connection.run(_ADD_IDENTITY, id=value.id, account=value.account)
        self._insert(value)

    def delete(self, value: T) -> None:
        """Raises StillReferred while it has keys, members, groups or policies."""
        self._run(_DELETE_IDENTITY, value.id, id=value.id)


def _names(value: Named) -> dict[str, Value]:
    return {"name": value.name, "name_key": value.name.lower(), "path": value.path}
