"""Accounts' policies for the age of keys, the keys that they concern, and who was reminded of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.rotation_policy import RotationPolicy, RotationReminder
from akia.store.core import iam, limited, p, rotating, sa, upsert
from akia.store.iam.access_keys import AccessKeys
from akia.store.organizations.records import Records, Repository, columns_of
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.identity.access_key import AccessKey

_POLICIES = Records("rotation_policies", lambda: rotating.rotation_policies, RotationPolicy, "account")
_PUT = _POLICIES.query("put", lambda t: upsert(t, ("account",), "mode", "every_days", "quiet_ms", "inactive_ms"))
_ALL = _POLICIES.query("all", lambda t: sa.select(t).order_by(t.c.account))


NEVER_TOLD = 1_000
"""More days than any reminder has."""


def _old_keys() -> Any:
    keys, reminders = iam.access_keys.c, rotating.rotation_reminders.c
    columns = (keys.account, keys.id, keys.user_id, keys.created, keys.status)
    told = sa.func.coalesce(reminders.days, sa.literal_column(str(NEVER_TOLD)))
    joined = sa.outerjoin(iam.access_keys, rotating.rotation_reminders, reminders.key_id == keys.id)
    old = sa.select(*columns, told).select_from(joined).where(keys.account == p("account"), keys.created <= p("created"))
    users = old.where(keys.user_id.is_not(sa.null()), keys.status == p("status"), keys.id > p("after"))
    return limited(users.order_by(keys.id))


_OLD_KEYS = Query("rotation_policies.old_keys", _old_keys)
_TOLD = Query(
    "rotation_reminders.told",
    lambda: sa.select(rotating.rotation_reminders.c.days).where(rotating.rotation_reminders.c.key_id == p("key_id")),
)
_REMIND = Query("rotation_reminders.put", lambda: upsert(rotating.rotation_reminders, ("key_id",), "days"))


class RotationPolicies(Repository[RotationPolicy]):
    """Nothing that is kept in memory depends on them."""

    records = _POLICIES

    def put(self, policy: RotationPolicy) -> None:
        """In place of the account's policy before."""
        self._connection.run(_PUT, **columns_of(policy))

    def all(self) -> list[RotationPolicy]:
        return [self._value(row) for row in self._connection.rows(_ALL)]

    def old_keys(self, account: str, created: int, after: str, limit: int) -> list[tuple[AccessKey, int]]:
        """At most `limit` active keys of users with ids behind `after` that were made at `created` (epoch seconds) or earlier, each with
        the days of its last reminder."""
        rows = self._connection.rows(_OLD_KEYS, account=account, created=created, status="Active", after=after, limit=limit)
        return [(AccessKeys.value_of(row[:-1]), row[-1]) for row in rows]

    def told(self, key_id: str) -> int:
        """The days of the key's last reminder; NEVER_TOLD if there was none."""
        row = self._connection.row(_TOLD, key_id=key_id)
        return row[0] if row else NEVER_TOLD

    def remind(self, reminder: RotationReminder) -> None:
        """Remember that somebody was told."""
        self._connection.run(_REMIND, **columns_of(reminder))
