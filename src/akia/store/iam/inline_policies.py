"""Inline policies of users, groups and roles. Their names are unique on one principal, in exact case (P5.4-21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy import counted_size
from akia.store.core import iam, limited, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement

    from akia.store.changes import Changes
    from akia.store.connection import Connection


def _of_principal() -> ColumnElement[bool]:
    return iam.inline_policies.c.identity_id == p("identity_id")


def _this() -> ColumnElement[bool]:
    return sa.and_(_of_principal(), iam.inline_policies.c.name == p("name"))


_GET = Query("inline_policies.get", lambda: sa.select(iam.inline_policies.c.document).where(_this()))
_PUT = Query("inline_policies.put", lambda: upsert(iam.inline_policies, ("identity_id", "name"), "document", "length"))
_DELETE = Query("inline_policies.delete", lambda: sa.delete(iam.inline_policies).where(_this()))
_NAMES = Query(
    "inline_policies.names",
    lambda: limited(
        sa.select(iam.inline_policies.c.name)
        .where(_of_principal(), iam.inline_policies.c.name > p("after"))
        .order_by(iam.inline_policies.c.name)
    ),
)
_ALL = Query(
    "inline_policies.all",
    lambda: (
        sa.select(iam.inline_policies.c.name, iam.inline_policies.c.document).where(_of_principal()).order_by(iam.inline_policies.c.name)
    ),
)
_TOTAL_LENGTH = Query(
    "inline_policies.total_length",
    lambda: sa.select(sa.func.sum(iam.inline_policies.c.length)).where(_of_principal(), iam.inline_policies.c.name != p("name")),
)


class InlinePolicies:
    """`principal_id` is the unique id of a user, group or role; it is also the subject of changes."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def get(self, principal_id: str, name: str) -> str | None:
        """The text of the policy of exactly this name, as its author wrote it."""
        row = self._connection.row(_GET, identity_id=principal_id, name=name)
        return row[0] if row else None

    def put(self, principal_id: str, name: str, document: str, now: int) -> None:
        """Adds or replaces the policy; `now` is in epoch seconds. Raises StillReferred if there is no such principal."""
        self._connection.run(_PUT, identity_id=principal_id, name=name, document=document, length=counted_size(document), created=now)
        self._changes.add(principal_id)

    def delete(self, principal_id: str, name: str) -> bool:
        """Whether there was such a policy."""
        if not self._connection.run(_DELETE, identity_id=principal_id, name=name):
            return False
        self._changes.add(principal_id)
        return True

    def names(self, principal_id: str, after: str | None = None, limit: int = 100) -> list[str]:
        """At most `limit` names that come after `after`, in order."""
        return [row[0] for row in self._connection.rows(_NAMES, identity_id=principal_id, after=after or "", limit=limit)]

    def all(self, principal_id: str) -> list[tuple[str, str]]:
        """Names and texts, in the order of names."""
        return [(name, document) for name, document in self._connection.rows(_ALL, identity_id=principal_id)]

    def total_length(self, principal_id: str, except_name: str = "") -> int:
        """Characters of all the principal's inline policies but the one named, white space not counted (P5.4-15)."""
        return self._connection.count(_TOTAL_LENGTH, identity_id=principal_id, name=except_name)

    def any(self, principal_id: str) -> bool:
        return bool(self.names(principal_id, limit=1))
