"""What access keys have called: sums that a job writes as it goes through the events, and the events that it has not come past yet.

Whoever reads adds both, in one state of the store, so that the answer is exact to the last event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import DENIALS
from akia.identity.key_calls import COMBINATIONS, COMBINATIONS_A_DAY, HOUR_MS, OTHERS, CallSum, Combination, HourOfCalls
from akia.store.core import keys, limited, p, sa, sqlite, trail
from akia.store.statement import Query
from akia.store.trail.stream import EventStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.store.connection import Connection, Row, Value

READER = "key-calls"
"""Under this name the job keeps its position in the stream of events."""
_KEY = ("account", "access_key_id")
_WHERE = (*_KEY, "day", *Combination._fields)
_SUMS = CallSum._fields


def _sql(text: str) -> sa.ColumnElement[Any]:
    return sa.literal_column(text)


def _whole_number(text: str) -> sa.ColumnElement[int]:
    return sa.literal_column(text, sa.Integer)


def _number() -> sa.ColumnElement[int]:
    return sa.literal_column("events.rowid", sa.Integer)


def _told(member: str) -> sa.ColumnElement[str]:
    """A member of the event's record, as long as it is kept. SQLite reads each record once, for both of its members."""
    value = sa.func.json_extract(trail.events.c.record, _sql(f"'$.{member}'"))
    return sa.func.substr(sa.func.coalesce(value, _sql("''")), _sql("1"), _sql("256"))


def _combination() -> list[sa.ColumnElement[Any]]:
    events = trail.events.c
    service = sa.func.replace(events.source, _sql("'.amazonaws.com'"), _sql("''"))
    told = (service, events.name, events.region, _told("sourceIPAddress"), _told("userAgent"))
    return [column.label(name) for name, column in zip(Combination._fields, told, strict=True)]


def _denied() -> sa.ColumnElement[bool]:
    return trail.events.c.error_code.in_([_sql(f"'{code}'") for code in sorted(DENIALS)])


def _unsummed() -> sa.ColumnElement[bool]:
    """Verified calls with long-term keys behind the event `after`: those of sessions end with them."""
    events = trail.events.c
    of_a_key = sa.func.substr(events.access_key_id, _sql("1"), _sql("4")) == _sql("'AKIA'")
    return sa.and_(_number() > p("after"), events.verified == _sql("1"), of_a_key)


def _of_key() -> sa.ColumnElement[bool]:
    """The plus keeps SQLite from going through all of the key's events, and not only those that are not summed up."""
    return sa.and_(_sql("+events.account") == p("account"), _sql("+events.access_key_id") == p("access_key_id"))


def _by_hour() -> sa.Select[Any]:
    events = trail.events.c
    hour = (events.at_ms // _whole_number("3600000")).label("hour")
    where = [events.account, events.access_key_id, hour, *_combination()]
    sums = (sa.func.count(), sa.func.sum(_denied()), sa.func.min(events.at_ms), sa.func.max(events.at_ms))
    return sa.select(*where, *sums).where(_unsummed(), _number() <= p("upto")).group_by(*(column.name for column in where))


def _whole() -> sa.Subquery:
    """What is summed up of the key and what is not, from `first_day` to `last_day`."""
    calls, events = keys.key_calls.c, trail.events.c
    summed = sa.select(*(calls[name] for name in (*Combination._fields, *_SUMS))).where(
        calls.account == p("account"), calls.access_key_id == p("access_key_id"), calls.day.between(p("first_day"), p("last_day"))
    )
    one = (_sql("1").label("calls"), _denied().label("denials"), events.at_ms.label("first_ms"), events.at_ms.label("last_ms"))
    day = events.at_ms // _whole_number("86400000")
    unsummed = sa.select(*_combination(), *one).where(_unsummed(), _of_key(), day.between(p("first_day"), p("last_day")))
    return sa.union_all(summed, unsummed).subquery("whole")


def _added_up(whole: sa.Subquery) -> list[sa.ColumnElement[Any]]:
    return [sa.func.sum(whole.c.calls), sa.func.sum(whole.c.denials), sa.func.min(whole.c.first_ms), sa.func.max(whole.c.last_ms)]


def _page() -> sa.Select[Any]:
    whole = _whole()
    what = [whole.c[name] for name in Combination._fields]
    behind = sa.tuple_(*what) > sa.tuple_(*(p(f"after_{name}") for name in Combination._fields))
    return limited(sa.select(*what, *_added_up(whole)).where(behind).group_by(*what).order_by(*what))


def _sum(only_others: bool) -> sa.Select[Any]:
    whole = _whole()
    chosen = sa.select(*_added_up(whole))
    return chosen.where(whole.c.service == _sql("''")) if only_others else chosen


def _stored(*names: str) -> sa.ColumnElement[bool]:
    return sa.and_(*(keys.key_calls.c[name] == p(name) for name in names))


def _apart() -> sa.ColumnElement[bool]:
    return keys.key_calls.c.service != _sql("''")


def _adding(table: sa.Table, key: tuple[str, ...]) -> sqlite.Insert:
    """An INSERT that, for a row of the same `key`, adds its sums to that."""
    statement, there = sqlite.insert(table), table.c
    new = statement.excluded
    more: dict[str, Any] = {name: there[name] + new[name] for name in ("calls", "denials")}
    if "first_ms" in there:
        more |= {"first_ms": sa.func.min(there.first_ms, new.first_ms), "last_ms": sa.func.max(there.last_ms, new.last_ms)}
    return statement.on_conflict_do_update(index_elements=key, set_=more)


def _day_in_all() -> sa.Select[Any]:
    calls = keys.key_calls.c
    sums = sa.func.sum(calls.calls), sa.func.sum(calls.denials), sa.func.min(calls.first_ms), sa.func.max(calls.last_ms)
    return sa.select(*sums).where(_stored(*_KEY, "day"), _apart())


def _unsummed_of_account() -> sa.Select[Any]:
    events = trail.events.c
    chosen = sa.select(events.access_key_id, sa.func.count(), sa.func.sum(_denied()))
    mine = _sql("+events.account") == p("account")
    return chosen.where(_unsummed(), mine, events.at_ms >= p("since_ms")).group_by(events.access_key_id)


_BY_HOUR = Query("key_calls.by_hour", _by_hour)
_PAGE = Query("key_calls.page", _page)
_TOTAL = Query("key_calls.total", lambda: _sum(only_others=False))
_OTHERS = Query("key_calls.others", lambda: _sum(only_others=True))
_KNOWN = Query("key_calls.known", lambda: sa.select(keys.key_calls.c.calls).where(_stored(*_WHERE)))
_OF_DAY = Query("key_calls.of_day", lambda: sa.select(sa.func.count()).where(_stored(*_KEY, "day"), _apart()))
_OF_KEY = Query("key_calls.of_key", lambda: sa.select(sa.func.count()).where(_stored(*_KEY), _apart()))
_ADD = Query("key_calls.add", lambda: _adding(keys.key_calls, _WHERE))
_OLDEST = Query("key_calls.oldest", lambda: sa.select(sa.func.min(keys.key_calls.c.day)).where(_stored(*_KEY), _apart()))
_DAY_IN_ALL = Query("key_calls.day_in_all", _day_in_all)
_FORGET_DAY = Query("key_calls.forget_day", lambda: sa.delete(keys.key_calls).where(_stored(*_KEY, "day"), _apart()))
_COUNT_HOUR = Query("key_hours.add", lambda: _adding(keys.key_hours, (*_KEY, "hour")))
_HOURS = Query(
    "key_hours.since",
    lambda: sa.select(sa.func.sum(keys.key_hours.c.calls), sa.func.sum(keys.key_hours.c.denials)).where(
        keys.key_hours.c.account == p("account"),
        keys.key_hours.c.access_key_id == p("access_key_id"),
        keys.key_hours.c.hour >= p("hour"),
    ),
)
_TRIM = Query("key_hours.trim", lambda: sa.delete(keys.key_hours).where(keys.key_hours.c.hour < p("hour")))
_UNSUMMED = Query("key_calls.unsummed", _unsummed_of_account)


class KeyCalls:
    """Everything goes by account and key id: keys of other accounts have no calls here, and deleted ones keep theirs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stream = EventStream(connection)

    def sums(self, after: int, upto: int) -> list[HourOfCalls]:
        """Of the events behind the one numbered `after`, up to `upto`."""
        return [_hour_of(row) for row in self._connection.rows(_BY_HOUR, after=after, upto=upto)]

    def add(self, sums: Iterable[HourOfCalls]) -> None:
        """Adds what is not added yet, within the limits. Several statements: call it inside a transaction."""
        told_apart = set()
        for each in sums:
            key = {"account": each.account, "access_key_id": each.access_key_id}
            self._connection.run(_COUNT_HOUR, **key, hour=each.hour, calls=each.sum.calls, denials=each.sum.denials)
            if self._add(each.account, each.access_key_id, each.day, each.combination, each.sum):
                told_apart.add((each.account, each.access_key_id))
        for account, access_key_id in told_apart:
            self._fold(account, access_key_id)

    def _add(self, account: str, access_key_id: str, day: int, combination: Combination, more: CallSum) -> bool:
        """Whether this combination is a new one of the day."""
        at: dict[str, Value] = {"account": account, "access_key_id": access_key_id, "day": day}
        known = self._connection.row(_KNOWN, **at, **combination._asdict()) is not None
        room = known or self._connection.count(_OF_DAY, **at) < COMBINATIONS_A_DAY
        self._connection.run(_ADD, **at, **(combination if room else OTHERS)._asdict(), **more._asdict())
        return room and not known

    def _fold(self, account: str, access_key_id: str) -> None:
        """Adds up the oldest days of a key that has too many combinations."""
        key: dict[str, Value] = {"account": account, "access_key_id": access_key_id}
        while self._connection.count(_OF_KEY, **key) > COMBINATIONS:
            oldest = self._connection.row(_OLDEST, **key)
            assert oldest is not None  # there are too many
            day = oldest[0]
            in_all = self._connection.row(_DAY_IN_ALL, **key, day=day)
            assert in_all is not None  # for the same reason
            self._connection.run(_FORGET_DAY, **key, day=day)
            self._add(account, access_key_id, day, OTHERS, CallSum(*in_all))

    def page(
        self, account: str, access_key_id: str, days: tuple[int, int], after: Combination = OTHERS, limit: int = 100
    ) -> list[tuple[Combination, CallSum]]:
        """At most `limit` combinations behind `after`, in their order, of the days from the first to the last of `days`."""
        behind = {f"after_{name}": value for name, value in after._asdict().items()}
        rows = self._connection.rows(_PAGE, **self._whole(account, access_key_id, days), **behind, limit=limit)
        return [(Combination(*row[:5]), CallSum(*row[5:])) for row in rows]

    def total(self, account: str, access_key_id: str, days: tuple[int, int]) -> CallSum | None:
        """Of all calls; None if there was none."""
        return _sum_of(self._connection.row(_TOTAL, **self._whole(account, access_key_id, days)))

    def others(self, account: str, access_key_id: str, days: tuple[int, int]) -> CallSum | None:
        """Of the calls that are not told apart."""
        return _sum_of(self._connection.row(_OTHERS, **self._whole(account, access_key_id, days)))

    def any(self, account: str, access_key_id: str) -> bool:
        """Whether the key has ever called, be it deleted since."""
        first_day_to_last = 0, 2**40
        return self.total(account, access_key_id, first_day_to_last) is not None

    def since(self, account: str, access_key_id: str, hour: int) -> tuple[int, int]:
        """Calls and denials that are summed up, from the beginning of `hour` (counted since 1970) on."""
        row = self._connection.row(_HOURS, account=account, access_key_id=access_key_id, hour=hour)
        return (row[0] or 0, row[1] or 0) if row else (0, 0)

    def unsummed(self, account: str, hour: int) -> dict[str, tuple[int, int]]:
        """The same, by key, of the events that are not summed up."""
        rows = self._connection.rows(_UNSUMMED, account=account, since_ms=hour * HOUR_MS, after=self._summed())
        return {key: (calls, denials) for key, calls, denials in rows}

    def forget_hours(self, before: int) -> None:
        """Those before the hour `before`."""
        self._connection.run(_TRIM, hour=before)

    def _whole(self, account: str, access_key_id: str, days: tuple[int, int]) -> dict[str, Value]:
        return {"account": account, "access_key_id": access_key_id, "first_day": days[0], "last_day": days[1], "after": self._summed()}

    def _summed(self) -> int:
        return self._stream.position(READER) or 0


def _hour_of(row: Row) -> HourOfCalls:
    account, access_key_id, hour, *rest = row
    return HourOfCalls(account, access_key_id, hour, Combination(*rest[:5]), CallSum(*rest[5:]))


def _sum_of(row: Row | None) -> CallSum | None:
    return CallSum(*row) if row and row[0] else None
