"""The end of old events: a few at a time, and none that somebody who goes through them has yet to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.store.core import limited, p, sa, trail
from akia.store.statement import Query
from akia.store.trail.events import principal_of

if TYPE_CHECKING:
    from akia.store.connection import Connection


def _number() -> sa.ColumnElement[int]:
    return sa.literal_column("events.rowid", sa.Integer)


def _old() -> sa.Select[Any]:
    events = trail.events.c
    chosen = sa.select(_number(), events.event_id, events.at_ms, events.resources, events.decision)
    chosen = chosen.where(events.account == p("account"), events.at_ms < p("before_ms"), _number() <= p("seen"))
    return limited(chosen.order_by(events.at_ms))


def _delete(table: sa.Table, *key: str) -> sa.Delete:
    return sa.delete(table).where(*(table.c[name] == p(name) for name in key))


_OLD = Query("event_retention.old", _old)
_SEEN = Query("event_retention.seen", lambda: sa.select(sa.func.min(trail.event_cursors.c.number)))
_NEWEST = Query("event_retention.newest", lambda: sa.select(sa.func.max(_number())).select_from(trail.events))
_DELETE = Query("event_retention.delete", lambda: _delete(trail.events, "event_id"))
_DELETE_RESOURCE = Query("event_retention.delete_resource", lambda: _delete(trail.event_resources, "account", "name", "at_ms", "event_id"))
_DELETE_PRINCIPAL = Query(
    "event_retention.delete_principal", lambda: _delete(trail.event_principals, "account", "principal", "at_ms", "event_id")
)


class EventRetention:
    """What outlives its events: when keys and roles were last used, and what shadow policies have found."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def trim(self, account: str, before_ms: int, limit: int) -> int:
        """Delete at most `limit` of the account's events from before `before_ms` (epoch milliseconds), with their entries in the indexes;
        how many there were. Those that a reader of the stream has not passed stay. Several statements: call it inside a transaction.

        The newest event of all stays as well: its number would be given out again, to an event that every reader believes to have seen.
        """
        rows = self._connection.rows(_OLD, account=account, before_ms=before_ms, seen=self._seen(), limit=limit)
        names = [(account, name, at_ms, event_id) for _, event_id, at_ms, resources, _ in rows for _, name in orjson.loads(resources)]
        principals = [(account, who, at_ms, event_id) for _, event_id, at_ms, _, decision in rows if (who := principal_of(decision))]
        for query, keys in ((_DELETE_RESOURCE, names), (_DELETE_PRINCIPAL, principals), (_DELETE, [(row[1],) for row in rows])):
            if keys:
                self._connection.run_many(query, keys)
        return len(rows)

    def _seen(self) -> int:
        """The number of the last event that every reader has passed, and that is not the newest."""
        slowest, newest = self._connection.row(_SEEN), self._connection.row(_NEWEST)
        before_newest = (newest[0] or 0) - 1 if newest else 0
        return min(before_newest, slowest[0]) if slowest and slowest[0] is not None else before_newest
