"""The limits that accounts have set themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.limit import Limit
from akia.store.core import limiting, p, sa, upsert
from akia.store.organizations.records import Records, columns_of, count_where
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection

_KEY = ("account", "scope", "subject", "action")
_LIMITS = Records("limits", lambda: limiting.limits, Limit, *_KEY)
_OF = _LIMITS.query("of", lambda t: sa.select(t).where(t.c.account == p("account")).order_by(t.c.scope, t.c.subject, t.c.action))
_COUNT = _LIMITS.query("count", count_where("account"))
_PUT = Query(
    "limits.put", lambda: upsert(limiting.limits, _KEY, "rate_milli", "burst", "daily", "created", "identity", "access_key")
)  # fmt: skip


def subject_of_account(account: str) -> str:
    """What the feed of changes calls the limits of an account."""
    return f"limits:{account}"


class Limits:
    """Their subject in the feed of changes is the account's limits as a whole."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def put(self, limit: Limit) -> None:
        """Add it, or write it in the place of the one with the same key. Raises StillReferred if whom it goes with is not there."""
        self._connection.run(_PUT, **columns_of(limit))
        self._changes.add(subject_of_account(limit.account))

    def get(self, account: str, scope: str, subject: str, action: str) -> Limit | None:
        row = self._connection.row(_LIMITS.get, account=account, scope=scope, subject=subject, action=action)
        return Limit(*row) if row else None

    def delete(self, account: str, scope: str, subject: str, action: str) -> bool:
        """Whether there was one."""
        found = self._connection.run(_LIMITS.delete, account=account, scope=scope, subject=subject, action=action) > 0
        if found:
            self._changes.add(subject_of_account(account))
        return found

    def of(self, account: str) -> list[Limit]:
        """All of an account, by scope, subject and action: there are few."""
        return [Limit(*row) for row in self._connection.rows(_OF, account=account)]

    def count(self, account: str) -> int:
        return self._connection.count(_COUNT, account=account)
