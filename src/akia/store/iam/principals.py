"""The read path behind the cache of principals: one or two statements for a key and all policies in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from akia.identity.policy_source import PolicySource
from akia.store.core import iam, p, sa
from akia.store.iam.access_keys import AccessKeys
from akia.store.iam.users import Users
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import CompoundSelect, Select
    from sqlalchemy.sql.elements import ColumnElement

    from akia.identity.access_key import AccessKey
    from akia.identity.user import User
    from akia.store.connection import Connection


class StoredKey(NamedTuple):
    """An access key as it is stored, and its owner: a user, or (None) root. `sealed` opens with `AccessKeys.unseal`."""

    key: AccessKey
    sealed: bytes
    owner: User | None


def _key() -> Select[Any]:
    keys = iam.access_keys.c
    return (
        sa.select(keys.account, keys.id, keys.user_id, keys.created, keys.status, keys.sealed, *Users.queries.select().selected_columns)
        .join_from(iam.access_keys, iam.users, iam.users.c.id == keys.user_id, isouter=True)
        .where(keys.id == p("id"))
    )


def _policies_in_force() -> CompoundSelect[Any]:
    memberships, inline, attachments = iam.memberships.c, iam.inline_policies.c, iam.attachments.c
    bearers = (
        sa.select(sa.literal_column("'identity'").label("layer"), p("id").label("id"))
        .union_all(sa.select(sa.literal_column("'group'"), memberships.group_id).where(memberships.user_id == p("id")))
        .cte("bearers")
    )
    absent = [sa.null(), sa.null(), sa.null()]
    on_bearers = sa.select(bearers.c.layer, bearers.c.id, inline.name, *absent, inline.document).join_from(
        bearers, iam.inline_policies, inline.identity_id == bearers.c.id
    )
    managed = (
        sa.select(bearers.c.layer, bearers.c.id, *_managed_columns())
        .join_from(bearers, iam.attachments, attachments.identity_id == bearers.c.id)
        .join(iam.managed_policies, iam.managed_policies.c.id == attachments.policy_id)
        .join(iam.policy_versions, _is_in_force())
    )
    return on_bearers.union_all(managed)


def _managed_columns() -> tuple[Any, ...]:
    policies, versions = iam.managed_policies.c, iam.policy_versions.c
    return policies.name, policies.arn, policies.id, versions.version, versions.document


def _is_in_force() -> ColumnElement[bool]:
    policies, versions = iam.managed_policies.c, iam.policy_versions.c
    return sa.and_(versions.policy_id == policies.id, versions.version == policies.default_version)


def _managed() -> Select[Any]:
    statement = sa.select(*_managed_columns()).join_from(iam.managed_policies, iam.policy_versions, _is_in_force())
    return statement.where(iam.managed_policies.c.arn == p("arn"))


_KEY = Query("principals.key", _key)
_POLICIES_IN_FORCE = Query("principals.policies_in_force", _policies_in_force)
_MANAGED = Query("principals.managed", _managed)
_GROUP_IDS = Query("principals.group_ids", lambda: sa.select(iam.memberships.c.group_id).where(iam.memberships.c.user_id == p("user_id")))


class Principals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def key(self, access_key_id: str) -> StoredKey | None:
        """The key of exactly this id, whatever its status, with its owner."""
        row = self._connection.row(_KEY, id=access_key_id)
        return StoredKey(AccessKeys.value_of(row[:5]), row[5], Users.value_of(row[6:]) if row[2] else None) if row else None

    def policies_in_force(self, identity_id: str) -> list[PolicySource]:
        """Inline and managed policies on a user, group or role (layer `identity`) and on the user's groups (layer `group`), in no order."""
        return [PolicySource(*row) for row in self._connection.rows(_POLICIES_IN_FORCE, id=identity_id)]

    def managed(self, arn: str, layer: str = "boundary") -> PolicySource | None:
        """The managed policy's version in force, for a boundary or a session policy; None if there is no such policy."""
        row = self._connection.row(_MANAGED, arn=arn)
        return PolicySource(layer, "", *row) if row else None

    def group_ids(self, user_id: str) -> list[str]:
        """The groups of the user: what its permissions depend on, beside itself."""
        return [row[0] for row in self._connection.rows(_GROUP_IDS, user_id=user_id)]
