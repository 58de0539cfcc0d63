"""How often what is called in a minute, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from akia.identity.insight import Series
from akia.store.core import insight, limited, p, sa, sqlite, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Connection, Value

_SERIES = ("account", "region", "source", "name", "error")
ATTRIBUTES = {"userIdentityArn": "$.userIdentity.arn", "userAgent": "$.userAgent", "errorCode": "$.errorCode"}
"""What calls are divided by -> where it stands in their records."""
_NONE = "null"
"""CloudTrail's word for the error code of calls that succeeded."""


class Sums(NamedTuple):
    """The minutes' counts together, their squares, the greatest."""

    total: int
    squares: int
    greatest: int


def _add() -> sqlite.Insert:
    statement = sqlite.insert(insight.call_minutes)
    more = insight.call_minutes.c["count"] + statement.excluded["count"]
    return statement.on_conflict_do_update(index_elements=(*_SERIES, "minute"), set_={"count": more})


def _of(*chosen: Any) -> sa.Select[Any]:
    """From the minute `since` to before the minute `until`."""
    t = insight.call_minutes.c
    mine = [t[name] == p(name) for name in _SERIES]
    return sa.select(*chosen).where(*mine, t.minute >= p("since"), t.minute < p("until"))


def _sums() -> sa.Select[Any]:
    count = insight.call_minutes.c["count"]
    return _of(sa.func.sum(count), sa.func.sum(count * count), sa.func.max(count))


def _active() -> sa.Select[Any]:
    t = insight.call_minutes.c
    columns = [t[name] for name in (*_SERIES, "minute", "count")]
    wanted = sa.select(*columns).where(t.account == p("account"), t.minute > p("after"), t.minute <= p("until"))
    return limited(wanted.order_by(t.minute, t.region, t.source, t.name, t.error))


def _shares(of_error: bool) -> sa.Select[Any]:
    """Of the calls of a series, how many had each value at `path` in their records."""
    t = trail.events.c
    value = sa.func.json_extract(t.record, p("path"))
    counted = t.error_code == p("error") if of_error else t.read_only == sa.literal_column("0")
    mine = [t[name] == p(name) for name in ("account", "name", "source", "region")]
    chosen = sa.select(value, sa.func.count()).where(*mine, t.at_ms >= p("since_ms"), t.at_ms < p("until_ms"), counted)
    return limited(chosen.where(t.verified == sa.literal_column("1")).group_by(value).order_by(sa.func.count().desc(), value))


_ADD = Query("call_minutes.add", _add)
_SUMS = Query("call_minutes.sums", _sums)
_COUNTS = Query(
    "call_minutes.counts",
    lambda: _of(insight.call_minutes.c.minute, insight.call_minutes.c["count"]).order_by(insight.call_minutes.c.minute),
)
_ACTIVE = Query("call_minutes.active", _active)
_FORGET = Query(
    "call_minutes.forget",
    lambda: sa.delete(insight.call_minutes).where(
        insight.call_minutes.c.account == p("account"), insight.call_minutes.c.minute < p("before")
    ),
)
_SHARES = Query("call_minutes.shares", lambda: _shares(of_error=False))
_ERROR_SHARES = Query("call_minutes.error_shares", lambda: _shares(of_error=True))


class CallMinutes:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, counts: Mapping[tuple[Series, int], int]) -> None:
        """Add to the counts of series and minutes. Several statements: call it inside a transaction."""
        for (series, minute), count in counts.items():
            self._connection.run(_ADD, **_key(series), minute=minute, count=count)

    def sums(self, series: Series, since: int, until: int) -> Sums:
        """Of the minutes from `since` to before `until`."""
        row = self._connection.row(_SUMS, **_key(series), since=since, until=until)
        return Sums(*(value or 0 for value in row)) if row else Sums(0, 0, 0)

    def counts(self, series: Series, since: int, until: int) -> dict[int, int]:
        """By minute, those that had none left out."""
        return {row[0]: row[1] for row in self._connection.rows(_COUNTS, **_key(series), since=since, until=until)}

    def active(self, account: str, after: int, until: int, limit: int) -> list[tuple[Series, int, int]]:
        """At most `limit` series of the account, minute and count, from after the minute `after` up to and with `until`, minute by
        minute."""
        rows = self._connection.rows(_ACTIVE, account=account, after=after, until=until, limit=limit)
        return [(Series(*row[:5]), row[5], row[6]) for row in rows]

    def forget(self, account: str, before: int) -> None:
        """The account's minutes from before `before`."""
        self._connection.run(_FORGET, account=account, before=before)

    def shares(self, series: Series, attribute: str, since: int, until: int, limit: int) -> list[tuple[str, int]]:
        """The values of `attribute` that the calls of these minutes had most often, and how often; from the events that there are still.
        Reads every one of them."""
        period: dict[str, Value] = {"since_ms": since * 60_000, "until_ms": until * 60_000, "path": ATTRIBUTES[attribute], "limit": limit}
        key = _key(series)
        if not series.error:
            del key["error"]
        rows = self._connection.rows(_ERROR_SHARES if series.error else _SHARES, **key, **period)
        return [(_NONE if value is None else str(value), count) for value, count in rows]


def _key(series: Series) -> dict[str, Value]:
    return {name: getattr(series, name) for name in _SERIES}
