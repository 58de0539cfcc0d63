"""The events that event data stores keep: added once, gone when their store has no more use for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.event_data_store import LakeEvent
from akia.store.core import insert_once, lake, limited, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.connection import Connection


def _number() -> sa.ColumnElement[int]:
    return sa.literal_column("event_data_store_events.rowid", sa.Integer)


def _oldest() -> sa.Select[tuple[str, ...]]:
    t = lake.event_data_store_events.c
    return limited(sa.select(t.store, t.event_id).where(t.store == p("store"), t.at_ms < p("before_ms")).order_by(t.at_ms))


def _page() -> sa.Select[tuple[object, ...]]:
    t = lake.event_data_store_events.c
    after = sa.tuple_(t.at_ms, _number()) > sa.tuple_(p("after_ms"), p("after"))
    chosen = sa.select(_number(), t.event_id, t.at_ms, t.record).where(t.store == p("store"), t.at_ms >= p("start_ms"), after)
    return limited(chosen.order_by(t.at_ms, _number()))


_ADD = Query("event_data_store_events.add", lambda: insert_once(lake.event_data_store_events, "store", "event_id"))
_OLDEST = Query("event_data_store_events.oldest", _oldest)
_PAGE = Query("event_data_store_events.page", _page)
_DELETE = Query(
    "event_data_store_events.delete",
    lambda: sa.delete(lake.event_data_store_events).where(
        lake.event_data_store_events.c.store == p("store"), lake.event_data_store_events.c.event_id == p("event_id")
    ),
)
_COUNT = Query(
    "event_data_store_events.count",
    lambda: sa.select(sa.func.count()).select_from(lake.event_data_store_events).where(lake.event_data_store_events.c.store == p("store")),
)


class LakeEvents:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, store_id: str, events: Sequence[LakeEvent]) -> int:
        """Adds those that the store does not have yet, by their ids; how many that were. Inside a transaction: adding a batch again
        changes nothing."""
        return self._connection.run_many(_ADD, [(store_id, *event) for event in events]) if events else 0

    def page(self, store_id: str, start_ms: int = 0, after: tuple[int, int] = (-1, 0), limit: int = 100) -> list[tuple[int, LakeEvent]]:
        """At most `limit` events of the store that happened at `start_ms` (epoch milliseconds) or later, oldest first, each with the number
        of its row. `after` is time and number of the last event of the page before."""
        rows = self._connection.rows(_PAGE, store=store_id, start_ms=start_ms, after_ms=after[0], after=after[1], limit=limit)
        return [(number, LakeEvent(*event)) for number, *event in rows]

    def trim(self, store_id: str, before_ms: int, limit: int) -> int:
        """Delete at most `limit` of the store's events from before `before_ms` (epoch milliseconds); how many there were."""
        rows = self._connection.rows(_OLDEST, store=store_id, before_ms=before_ms, limit=limit)
        if rows:
            self._connection.run_many(_DELETE, rows)
        return len(rows)

    def count(self, store_id: str) -> int:
        """How many events the store has."""
        return self._connection.count(_COUNT, store=store_id)
