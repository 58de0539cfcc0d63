"""Groups and who is in them. A change of membership is a change of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.group import Group
from akia.store.core import iam, insert_once, p, sa
from akia.store.iam.named import IdentityRepository, NamedQueries
from akia.store.iam.paging import page_by_name
from akia.store.iam.users import Users
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.user import User
    from akia.store.connection import Row, Value

_GROUPS = NamedQueries("groups", lambda: iam.groups)
_ADD_MEMBER = Query("memberships.add", lambda: insert_once(iam.memberships, "user_id", "group_id"))
_REMOVE_MEMBER = Query(
    "memberships.remove",
    lambda: sa.delete(iam.memberships).where(iam.memberships.c.user_id == p("user_id"), iam.memberships.c.group_id == p("group_id")),
)
_IS_MEMBER = Query(
    "memberships.is_member",
    lambda: sa.select(iam.memberships.c.user_id).where(
        iam.memberships.c.user_id == p("user_id"), iam.memberships.c.group_id == p("group_id")
    ),
)
_MEMBERS = Query(
    "memberships.members",
    lambda: page_by_name(
        Users.queries.select()
        .join(iam.memberships, iam.memberships.c.user_id == iam.users.c.id)
        .where(iam.memberships.c.group_id == p("group_id")),
        iam.users,
    ),
)
_OF_USER = Query(
    "memberships.of_user",
    lambda: page_by_name(
        _GROUPS.select()
        .join(iam.memberships, iam.memberships.c.group_id == iam.groups.c.id)
        .where(iam.memberships.c.user_id == p("user_id")),
        iam.groups,
    ),
)
_COUNT_OF_USER = Query(
    "memberships.count_of_user",
    lambda: sa.select(sa.func.count()).select_from(iam.memberships).where(iam.memberships.c.user_id == p("user_id")),
)


class Groups(IdentityRepository[Group]):
    queries = _GROUPS

    @staticmethod
    def value_of(row: Row) -> Group:
        return Group(*row)

    @staticmethod
    def _more(value: Group) -> Mapping[str, Value]:
        return {}

    def add_member(self, group: Group, user: User) -> None:
        """Harmless if repeated. Raises StillReferred if the group or the user is not there."""
        self._run(_ADD_MEMBER, user.id, user_id=user.id, group_id=group.id)

    def remove_member(self, group: Group, user: User) -> None:
        """Harmless if the user is not in the group."""
        self._run(_REMOVE_MEMBER, user.id, user_id=user.id, group_id=group.id)

    def is_member(self, group: Group, user: User) -> bool:
        return self._connection.row(_IS_MEMBER, user_id=user.id, group_id=group.id) is not None

    def members(self, group: Group, after: str | None = None, limit: int = 100) -> list[User]:
        """At most `limit` members whose names come after `after`, by name without regard to case."""
        rows = self._connection.rows(_MEMBERS, group_id=group.id, path_prefix="/", after=(after or "").lower(), limit=limit)
        return [Users.value_of(row) for row in rows]

    def of_user(self, user_id: str, after: str | None = None, limit: int = 100) -> list[Group]:
        """At most `limit` groups of the user whose names come after `after`, by name without regard to case."""
        return self._all(_OF_USER, user_id=user_id, path_prefix="/", after=(after or "").lower(), limit=limit)

    def count_of_user(self, user_id: str) -> int:
        return self._connection.count(_COUNT_OF_USER, user_id=user_id)
