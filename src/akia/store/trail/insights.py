"""What is unusual, the events that told of it, and whose calls are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.insight import Insight, InsightEvent, InsightWatch, Series
from akia.store.core import insight, limited, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Value

_SERIES = ("account", "region", "source", "name", "error")
_OWN = ("id", "started", "last", "bound", "average", "minutes")
_EVENT = ("event_id", "account", "region", "at_ms", "source", "name", "kind", "record")
EVERYTHING, EVENT_ID, EVENT_NAME, EVENT_SOURCE = "", "event_id", "name", "source"
"""What insights events can be looked up by."""

_WATCH = Query("insight_watches.put", lambda: upsert(insight.insight_watches, ("account",), "since", "examined"))
_WATCHES = Query("insight_watches.all", lambda: sa.select(insight.insight_watches).order_by(insight.insight_watches.c.account))
_WATCHED = Query("insight_watches.get", lambda: sa.select(insight.insight_watches).where(insight.insight_watches.c.account == p("account")))
_UNWATCH = Query(
    "insight_watches.delete", lambda: sa.delete(insight.insight_watches).where(insight.insight_watches.c.account == p("account"))
)


def _open() -> sa.Select[Any]:
    t = insight.insights.c
    return sa.select(*(t[name] for name in (*_SERIES, *_OWN))).where(t.account == p("account")).order_by(*(t[name] for name in _SERIES))


_PUT = Query("insights.put", lambda: upsert(insight.insights, _SERIES, *_OWN))
_OPEN = Query("insights.open", _open)
_DELETE = Query("insights.delete", lambda: sa.delete(insight.insights).where(*(insight.insights.c[name] == p(name) for name in _SERIES)))


def _lookup(column: str) -> sa.Select[Any]:
    t = insight.insight_events.c
    wanted = sa.select(t.number, *(t[name] for name in _EVENT)).where(t.account == p("account"))
    if column:
        wanted = wanted.where(t[column] == p("value"))
    before = sa.tuple_(t.at_ms, t.number) < sa.tuple_(p("before_ms"), p("before"))
    return limited(wanted.where(t.at_ms >= p("start_ms"), before).order_by(t.at_ms.desc(), t.number.desc()))


_ADD_EVENT = Query("insight_events.add", lambda: sa.insert(insight.insight_events).values({name: p(f"new_{name}") for name in _EVENT}))
_LOOKUPS = {
    EVERYTHING: Query("insight_events.lookup", lambda: _lookup(EVERYTHING)),
    EVENT_ID: Query("insight_events.lookup_id", lambda: _lookup(EVENT_ID)),
    EVENT_NAME: Query("insight_events.lookup_name", lambda: _lookup(EVENT_NAME)),
    EVENT_SOURCE: Query("insight_events.lookup_source", lambda: _lookup(EVENT_SOURCE)),
}
_FORGET_EVENTS = Query(
    "insight_events.forget",
    lambda: sa.delete(insight.insight_events).where(
        insight.insight_events.c.account == p("account"), insight.insight_events.c.at_ms < p("before_ms")
    ),
)


class InsightWatches:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[InsightWatch]:
        return [InsightWatch(*row) for row in self._connection.rows(_WATCHES)]

    def get(self, account: str) -> InsightWatch | None:
        row = self._connection.row(_WATCHED, account=account)
        return InsightWatch(*row) if row else None

    def put(self, watch: InsightWatch) -> None:
        """In place of the account's own."""
        self._connection.run(_WATCH, account=watch.account, since=watch.since, examined=watch.examined)

    def delete(self, account: str) -> None:
        self._connection.run(_UNWATCH, account=account)


class Insights:
    """What goes on. Nothing that is kept in memory depends on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, account: str) -> list[Insight]:
        """What is unusual in the account now."""
        return [Insight(Series(*row[:5]), *row[5:]) for row in self._connection.rows(_OPEN, account=account)]

    def put(self, value: Insight) -> None:
        """In place of what is known of the series."""
        self._connection.run(_PUT, **_key(value.series), **{name: getattr(value, name) for name in _OWN})

    def delete(self, series: Series) -> None:
        self._connection.run(_DELETE, **_key(series))


class InsightEvents:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, event: InsightEvent) -> None:
        self._connection.run(_ADD_EVENT, **{f"new_{name}": getattr(event, name) for name in _EVENT})

    def lookup(
        self, account: str, by: str = EVERYTHING, value: str = "", *, start_ms: int, before: tuple[int, int], limit: int
    ) -> list[tuple[int, InsightEvent]]:
        """At most `limit` events of the account with their numbers, newest first: those from `start_ms` on and before the point `before`
        (time and number); if `by` says so, only those with this `value`."""
        wanted: dict[str, Value] = {"value": value} if by else {}
        before_ms, number = before
        parameters: dict[str, Value] = {"account": account, "start_ms": start_ms, "before_ms": before_ms, "before": number, "limit": limit}
        return [(row[0], InsightEvent(*row[1:])) for row in self._connection.rows(_LOOKUPS[by], **parameters, **wanted)]

    def forget(self, account: str, before_ms: int) -> None:
        """The account's events from before `before_ms` (epoch milliseconds)."""
        self._connection.run(_FORGET_EVENTS, account=account, before_ms=before_ms)


def _key(series: Series) -> dict[str, Value]:
    return {name: getattr(series, name) for name in _SERIES}
