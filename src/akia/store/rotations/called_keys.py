"""Who calls a key, read off the events: those who proved to hold it, and those who were refused because it is inactive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from akia.store.core import limited, p, sa, trail
from akia.store.statement import Query
from akia.store.trail.events import event_of
from akia.store.trail.lookup import event_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql import Select

    from akia.store.connection import Connection
    from akia.store.trail.event_row import EventRow

INACTIVE_KEY = '"inactiveKey":true'
"""What stands in the record of a call that was refused because its key is inactive, by whoever has proven to hold it (NT-93)."""


def _of_key(*columns: Any) -> Select[Any]:
    t = trail.events.c
    return sa.select(*columns).where(t.account == p("account"), t.access_key_id == p("key_id"), t.at_ms >= p("since_ms"))


def _proven() -> Any:
    return trail.events.c.verified == sa.literal_column("1")


def _refused() -> Any:
    """A write that waited for its turn when its key was made inactive was verified before."""
    return sa.func.instr(trail.events.c.record, p("mark")) > sa.literal_column("0")


def _behind() -> Any:
    """SQLite has the number in its index: what is not behind it costs no look at the event."""
    return sa.literal_column("events.rowid", sa.Integer) > p("after")


def _newest(statement: Select[Any]) -> Select[Any]:
    return limited(statement.order_by(trail.events.c.at_ms.desc()))


_LATEST = Query("called_keys.latest", lambda: _newest(_of_key(trail.events.c.at_ms).where(_proven())))
_REFUSED = Query(
    "called_keys.refused", lambda: _newest(_of_key(trail.events.c.at_ms, trail.events.c.event_id).where(_behind(), _refused()))
)
_RECENT = Query("called_keys.recent", lambda: _newest(_of_key(*event_columns()).where(sa.or_(_proven(), _refused()))))


class Refused(NamedTuple):
    """The event of a call that was refused because its key is inactive."""

    at_ms: int
    event_id: str


class CalledKeys:
    """All times are in epoch milliseconds; `since_ms` is included."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self, account: str, key_id: str, since_ms: int) -> int:
        """When the key was last called by somebody who proved to hold it; 0 for never."""
        row = self._connection.row(_LATEST, account=account, key_id=key_id, since_ms=since_ms, limit=1)
        return row[0] if row else 0

    def refused(self, account: str, key_id: str, since_ms: int, after: int = 0) -> Refused | None:
        """The latest call that was refused because the key is inactive, of those whose events came in behind the one numbered `after`."""
        row = self._connection.row(_REFUSED, account=account, key_id=key_id, since_ms=since_ms, after=after, mark=INACTIVE_KEY, limit=1)
        return Refused(*row) if row else None

    def recent(self, account: str, key_id: str, since_ms: int, limit: int) -> Sequence[EventRow]:
        """The newest `limit` calls of either kind, the youngest first."""
        rows = self._connection.rows(_RECENT, account=account, key_id=key_id, since_ms=since_ms, mark=INACTIVE_KEY, limit=limit)
        return [event_of(row) for row in rows]
