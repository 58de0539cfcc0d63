"""Queries of event data stores, and what they have answered."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.lake_query import FINISHED, PENDING, QUEUED, RUNNING, LakeQuery
from akia.store.core import lake, limited, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("id", "account", "region", "store", "alias", "created", "status", "holder", "until", "details")
_CHANGING = ("status", "holder", "until", "details")
_DETAILS = tuple(each.name for each in fields(LakeQuery) if each.name not in _COLUMNS)


def _queries(*conditions: Any) -> sa.Select[Any]:
    t = lake.lake_queries.c
    return sa.select(*(t[name] for name in _COLUMNS)).where(*conditions)


def _advance() -> sa.Update:
    t = lake.lake_queries.c
    same = (t.id == p("query_id"), t.status == p("old_status"), t.holder == p("old_holder"), t.until == p("old_until"))
    return sa.update(lake.lake_queries).where(*same).values({name: p(f"new_{name}") for name in _CHANGING})


def _of() -> sa.Select[Any]:
    t = lake.lake_queries.c
    chosen = _queries(t.account == p("account"), t.region == p("region"), t.created >= p("since"))
    return chosen.order_by(t.created.desc(), t.id)


def _waiting() -> sa.Select[Any]:
    t = lake.lake_queries.c
    abandoned = sa.and_(t.status == p("running"), t.until < p("now"))
    return limited(_queries(sa.or_(t.status == p("queued"), abandoned)).order_by(t.created, t.id))


def _undelivered() -> sa.Select[Any]:
    t = lake.lake_queries.c
    delivery: sa.ColumnElement[str] = sa.func.json_extract(t.details, sa.literal_column("'$.delivery_status'"))
    chosen = _queries(t.status == p("finished"), t.until < p("now"), delivery == p("pending"))
    return limited(chosen.order_by(t.created, t.id))


_ADD = Query("lake_queries.add", lambda: sa.insert(lake.lake_queries))
_GET = Query("lake_queries.get", lambda: _queries(lake.lake_queries.c.id == p("query_id")))
_OF = Query("lake_queries.of", _of)
_WAITING = Query("lake_queries.waiting", _waiting)
_UNDELIVERED = Query("lake_queries.undelivered", _undelivered)
_ADVANCE = Query("lake_queries.advance", _advance)
_OLD = Query(
    "lake_queries.old",
    lambda: limited(sa.select(lake.lake_queries.c.id).where(lake.lake_queries.c.created < p("before"))),
)
_DELETE = Query("lake_queries.delete", lambda: sa.delete(lake.lake_queries).where(lake.lake_queries.c.id == p("query_id")))
_KEEP = Query("lake_results.keep", lambda: upsert(lake.lake_results, ("query_id", "first"), "rows", "body"))
_RESULTS = Query(
    "lake_results.of",
    lambda: limited(
        sa.select(lake.lake_results.c.first, lake.lake_results.c.body)
        .where(
            lake.lake_results.c.query_id == p("query_id"),
            lake.lake_results.c.first + lake.lake_results.c.rows > p("start"),
        )
        .order_by(lake.lake_results.c.first)
    ),
)
_FORGET = Query("lake_results.forget", lambda: sa.delete(lake.lake_results).where(lake.lake_results.c.query_id == p("query_id")))


class LakeQueries:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, query: LakeQuery) -> None:
        """Raises IdTaken."""
        columns: dict[str, Value] = {name: getattr(query, name) for name in _COLUMNS if name != "details"}
        self._connection.run(_ADD, **columns, details=_details(query))

    def get(self, query_id: str) -> LakeQuery | None:
        row = self._connection.row(_GET, query_id=query_id)
        return _query(row) if row else None

    def of(self, account: str, region: str, since: int) -> list[LakeQuery]:
        """The account's in a region that were started at `since` (epoch seconds) or later, newest first."""
        return [_query(row) for row in self._connection.rows(_OF, account=account, region=region, since=since)]

    def waiting(self, now: int, limit: int) -> list[LakeQuery]:
        """Those that somebody has to run: nobody does, or whoever did is not alive any more. The oldest first."""
        return [_query(row) for row in self._connection.rows(_WAITING, queued=QUEUED, running=RUNNING, now=now, limit=limit)]

    def undelivered(self, now: int, limit: int) -> list[LakeQuery]:
        """Those whose results somebody has to deliver: whoever was to do it is not alive any more. The oldest first."""
        return [_query(row) for row in self._connection.rows(_UNDELIVERED, finished=FINISHED, pending=PENDING, now=now, limit=limit)]

    def advance(self, before: LakeQuery, after: LakeQuery) -> bool:
        """Writes what has become of a query. Whether it was done: not if somebody else has moved it on meanwhile."""
        old: dict[str, Value] = {"old_status": before.status, "old_holder": before.holder, "old_until": before.until}
        new: dict[str, Value] = {f"new_{name}": getattr(after, name) for name in _CHANGING if name != "details"}
        return bool(self._connection.run(_ADVANCE, query_id=before.id, **old, **new, new_details=_details(after)))

    def keep(self, query_id: str, first: int, rows: int, body: bytes) -> None:
        """A piece of what a query has answered: `rows` rows from the row `first` on, compressed."""
        self._connection.run(_KEEP, query_id=query_id, first=first, rows=rows, body=body)

    def results(self, query_id: str, start: int, limit: int) -> list[tuple[int, bytes]]:
        """At most `limit` pieces with the row `start` and those behind it, each with the number of its first row."""
        return [(first, body) for first, body in self._connection.rows(_RESULTS, query_id=query_id, start=start, limit=limit)]

    def forget_results(self, query_id: str) -> None:
        self._connection.run(_FORGET, query_id=query_id)

    def trim(self, before: int, limit: int) -> int:
        """Forget at most `limit` queries that were started before `before` (epoch seconds), with their results; how many that were."""
        rows = self._connection.rows(_OLD, before=before, limit=limit)
        for (query_id,) in rows:
            self.forget_results(query_id)
            self._connection.run(_DELETE, query_id=query_id)
        return len(rows)


def _details(query: LakeQuery) -> str:
    return orjson.dumps({name: getattr(query, name) for name in _DETAILS}).decode()


def _query(row: Row) -> LakeQuery:
    *columns, details = row
    values = orjson.loads(details)
    values |= {name: tuple(values[name]) for name in ("stores", "columns")}
    return LakeQuery(**dict(zip(_COLUMNS, columns, strict=False)), **values)
