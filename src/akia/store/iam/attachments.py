"""Which managed policies are attached to which users, groups and roles, and which are somebody's boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from akia.store.core import iam, insert_once, p, sa
from akia.store.iam.groups import Groups
from akia.store.iam.managed_policies import page_by_arn, policy_of, select
from akia.store.iam.paging import page_by_name
from akia.store.iam.roles import Roles
from akia.store.iam.users import Users
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select
    from sqlalchemy.sql.elements import ColumnElement

    from akia.identity.group import Group
    from akia.identity.managed_policy import ManagedPolicy
    from akia.identity.named import Named
    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.store.changes import Changes
    from akia.store.connection import Connection
    from akia.store.iam.named import NamedQueries, NamedRepository

T = TypeVar("T", bound="Named")


def _this() -> ColumnElement[bool]:
    return sa.and_(iam.attachments.c.identity_id == p("identity_id"), iam.attachments.c.policy_id == p("policy_id"))


def _attached_to(queries: NamedQueries, table: sa.Table) -> Select[Any]:
    attachments = iam.attachments.c
    bearers = queries.select().join(iam.attachments, attachments.identity_id == table.c.id)
    return page_by_name(bearers.where(attachments.policy_id == p("policy_id"), attachments.account == p("account")), table)


def _bounded_by(queries: NamedQueries, table: sa.Table) -> Select[Any]:
    return page_by_name(queries.select().where(table.c.boundary == p("arn"), table.c.account == p("account")), table)


def _boundary_count() -> Select[Any]:
    counts = [
        sa.select(sa.func.count()).select_from(table).where(table.c.boundary == p("arn"), table.c.account == p("account")).scalar_subquery()
        for table in (iam.users, iam.roles)
    ]
    return sa.select(counts[0] + counts[1])


_ATTACH = Query("attachments.attach", lambda: insert_once(iam.attachments, "identity_id", "policy_id"))
_DETACH = Query("attachments.detach", lambda: sa.delete(iam.attachments).where(_this()))
_ATTACHED = Query("attachments.attached", lambda: sa.select(iam.attachments.c.policy_id).where(_this()))
_OF = Query(
    "attachments.of",
    lambda: page_by_arn(
        select()
        .join(iam.attachments, iam.attachments.c.policy_id == iam.managed_policies.c.id)
        .where(iam.attachments.c.identity_id == p("identity_id"))
    ),
)
_COUNT_OF = Query(
    "attachments.count_of",
    lambda: sa.select(sa.func.count()).select_from(iam.attachments).where(iam.attachments.c.identity_id == p("identity_id")),
)
_COUNT = Query(
    "attachments.count",
    lambda: (
        sa.select(sa.func.count())
        .select_from(iam.attachments)
        .where(iam.attachments.c.policy_id == p("policy_id"), iam.attachments.c.account == p("account"))
    ),
)
_USERS_OF = Query("attachments.users_of", lambda: _attached_to(Users.queries, iam.users))
_GROUPS_OF = Query("attachments.groups_of", lambda: _attached_to(Groups.queries, iam.groups))
_ROLES_OF = Query("attachments.roles_of", lambda: _attached_to(Roles.queries, iam.roles))
_BOUNDED_USERS = Query("attachments.bounded_users", lambda: _bounded_by(Users.queries, iam.users))
_BOUNDED_ROLES = Query("attachments.bounded_roles", lambda: _bounded_by(Roles.queries, iam.roles))
_BOUNDARY_COUNT = Query("attachments.boundary_count", _boundary_count)


class Attachments:
    """`principal_id` is the unique id of a user, group or role; it is also the subject of changes."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def attach(self, policy_id: str, principal_id: str, account: str) -> None:
        """`account` is the principal's. Harmless if repeated. Raises StillReferred if the policy or the principal is not there."""
        if self._connection.run(_ATTACH, policy_id=policy_id, identity_id=principal_id, account=account):
            self._changes.add(principal_id)

    def detach(self, policy_id: str, principal_id: str) -> bool:
        """Whether it was attached."""
        if not self._connection.run(_DETACH, policy_id=policy_id, identity_id=principal_id):
            return False
        self._changes.add(principal_id)
        return True

    def attached(self, policy_id: str, principal_id: str) -> bool:
        return self._connection.row(_ATTACHED, policy_id=policy_id, identity_id=principal_id) is not None

    def of(self, principal_id: str, path_prefix: str = "/", after: str | None = None, limit: int = 100) -> list[ManagedPolicy]:
        """At most `limit` policies attached to the principal, by ARN, beginning after the ARN `after`."""
        rows = self._connection.rows(_OF, identity_id=principal_id, path_prefix=path_prefix, after=after or "", limit=limit)
        return [policy_of(row) for row in rows]

    def count_of(self, principal_id: str) -> int:
        """How many policies are attached to the principal."""
        return self._connection.count(_COUNT_OF, identity_id=principal_id)

    def users_of(self, policy_id: str, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100) -> list[User]:
        """At most `limit` users of the account that have the policy, by name; so the methods below for groups and roles."""
        return self._bearers(_USERS_OF, Users, path_prefix, after, limit, policy_id=policy_id, account=account)

    def groups_of(self, policy_id: str, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100) -> list[Group]:
        return self._bearers(_GROUPS_OF, Groups, path_prefix, after, limit, policy_id=policy_id, account=account)

    def roles_of(self, policy_id: str, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100) -> list[Role]:
        return self._bearers(_ROLES_OF, Roles, path_prefix, after, limit, policy_id=policy_id, account=account)

    def bounded_users(
        self, policy_arn: str, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100
    ) -> list[User]:
        """At most `limit` users of the account whose boundary the policy is, by name; `bounded_roles` for roles."""
        return self._bearers(_BOUNDED_USERS, Users, path_prefix, after, limit, arn=policy_arn, account=account)

    def bounded_roles(
        self, policy_arn: str, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100
    ) -> list[Role]:
        return self._bearers(_BOUNDED_ROLES, Roles, path_prefix, after, limit, arn=policy_arn, account=account)

    def count(self, policy_id: str, account: str) -> int:
        """How many principals of the account have the policy attached."""
        return self._connection.count(_COUNT, policy_id=policy_id, account=account)

    def boundary_count(self, policy_arn: str, account: str) -> int:
        """How many users and roles of the account have the policy as their boundary."""
        return self._connection.count(_BOUNDARY_COUNT, arn=policy_arn, account=account)

    def _bearers(
        self, query: Query, kind: type[NamedRepository[T]], path_prefix: str, after: str | None, limit: int, **which: str
    ) -> list[T]:
        rows = self._connection.rows(query, path_prefix=path_prefix, after=(after or "").lower(), limit=limit, **which)
        return [kind.value_of(row) for row in rows]
