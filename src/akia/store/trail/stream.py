"""The events in the order in which they came in, and how far each of those who go through them has come.

Time is no order to go by: an event may come in late, from another worker's journal. The number of its row is one: it only grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.store.core import limited, p, sa, trail, upsert
from akia.store.statement import Query
from akia.store.trail.events import event_of
from akia.store.trail.lookup import event_columns

if TYPE_CHECKING:
    from typing import Any

    from akia.store.connection import Connection
    from akia.store.trail.event_row import EventRow


def _number() -> sa.ColumnElement[int]:
    return sa.literal_column("events.rowid", sa.Integer)


def _after() -> sa.Select[Any]:
    chosen = sa.select(_number(), *event_columns()).where(_number() > p("number")).order_by(_number())
    return limited(chosen)


def _behind() -> sa.Select[Any]:
    numbers = limited(sa.select(_number().label("number")).select_from(trail.events).where(_number() > p("number")).order_by(_number()))
    return sa.select(sa.func.max(numbers.subquery("next").c.number))


_AFTER = Query("events.after", _after)
_BEHIND = Query("events.behind", _behind)
_NEWEST = Query("events.newest", lambda: sa.select(sa.func.max(_number())).select_from(trail.events))
_POSITION = Query(
    "event_cursors.position", lambda: sa.select(trail.event_cursors.c.number).where(trail.event_cursors.c.reader == p("reader"))
)
_POSITIONS = Query("event_cursors.all", lambda: sa.select(trail.event_cursors.c.reader, trail.event_cursors.c.number))
_ADVANCE = Query("event_cursors.advance", lambda: upsert(trail.event_cursors, ("reader",), "number"))
_FORGET = Query("event_cursors.forget", lambda: sa.delete(trail.event_cursors).where(trail.event_cursors.c.reader == p("reader")))


class Numbered(NamedTuple):
    """An event and its number."""

    number: int
    event: EventRow


class EventStream:
    """Readers have names of their own, such as `sink/datadog`. What they have done counts when their position is advanced, in one
    transaction with it if it is in the store: whoever is interrupted begins again behind the last position."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def after(self, number: int, limit: int) -> list[Numbered]:
        """At most `limit` events behind the event `number` (0: from the beginning), in order."""
        return [Numbered(row[0], event_of(row[1:])) for row in self._connection.rows(_AFTER, number=number, limit=limit)]

    def behind(self, number: int, limit: int) -> int | None:
        """The number of the last of at most `limit` events behind the event `number`; None if there are none."""
        row = self._connection.row(_BEHIND, number=number, limit=limit)
        return row[0] if row else None

    def newest(self) -> int:
        """The number of the event that came in last; 0 if there is none."""
        row = self._connection.row(_NEWEST)
        return row[0] or 0 if row else 0

    def position(self, reader: str) -> int | None:
        """The last event that `reader` is done with; None if it has never begun."""
        row = self._connection.row(_POSITION, reader=reader)
        return row[0] if row else None

    def positions(self) -> dict[str, int]:
        """The last event that each reader is done with."""
        return dict(self._connection.rows(_POSITIONS))

    def begin(self, reader: str, *, from_now: bool = False) -> int:
        """Where `reader` stands. One that has never begun does so here, with all that there is or with what is to come: no event ends from
        now on before it has passed (EventRetention). In a write transaction."""
        position = self.position(reader)
        if position is None:
            position = self.newest() if from_now else 0
            self.advance(reader, position)
        return position

    def advance(self, reader: str, number: int) -> None:
        """`reader` is done with everything up to the event `number`."""
        self._connection.run(_ADVANCE, reader=reader, number=number)

    def forget(self, reader: str) -> None:
        self._connection.run(_FORGET, reader=reader)
