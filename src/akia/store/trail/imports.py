"""Imports, and the files that they could not read."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.trail_import import ImportFailure, ImportStatus, Tally, TrailImport
from akia.store.core import channels, limited, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("id", "account", "region", "created", "status", "destination", "step", "details")
_DETAILS = tuple(each.name for each in fields(TrailImport) if each.name not in _COLUMNS)
_FAILURE = tuple(each.name for each in fields(ImportFailure))


def _imports(*conditions: Any) -> sa.Select[Any]:
    t = channels.imports.c
    return sa.select(*(t[name] for name in _COLUMNS)).where(*conditions)


def _going_on() -> sa.Select[Any]:
    t = channels.imports.c
    return _imports(t.status.in_([p("initializing"), p("in_progress")])).order_by(t.created, t.id)


_ADD = Query("imports.add", lambda: sa.insert(channels.imports))
_GET = Query("imports.get", lambda: _imports(channels.imports.c.id == p("id")))
_OF = Query(
    "imports.of",
    lambda: _imports(channels.imports.c.account == p("account"), channels.imports.c.region == p("region")).order_by(
        channels.imports.c.created.desc(), channels.imports.c.id
    ),
)
_GOING_ON = Query("imports.going_on", _going_on)
_ADVANCE = Query(
    "imports.advance",
    lambda: (
        sa.update(channels.imports)
        .where(channels.imports.c.id == p("which"), channels.imports.c.step == p("old_step"))
        .values(status=p("new_status"), step=p("new_step"), details=p("new_details"))
    ),
)


def _failures(*conditions: Any) -> sa.Select[Any]:
    t = channels.import_failures.c
    chosen = sa.select(*(t[name] for name in _FAILURE)).where(t.import_id == p("import_id"), t.location > p("after"), *conditions)
    return limited(chosen.order_by(t.location))


def _unread(statement: Any) -> Any:
    t = channels.import_failures.c
    return statement.where(t.import_id == p("import_id"), t.status != p("read"))


_PUT_FAILURE = Query(
    "import_failures.put",
    lambda: upsert(channels.import_failures, ("import_id", "location"), "status", "error_type", "error_message", "updated"),
)
_FAILURES = Query("import_failures.page", lambda: _failures())
_TO_RETRY = Query("import_failures.to_retry", lambda: _failures(channels.import_failures.c.status == p("status")))
_UNREAD = Query("import_failures.unread", lambda: _unread(sa.select(sa.func.count()).select_from(channels.import_failures)))
_RETRY = Query(
    "import_failures.retry",
    lambda: (
        sa.update(channels.import_failures)
        .where(channels.import_failures.c.import_id == p("which"), channels.import_failures.c.status == p("old_status"))
        .values(status=p("new_status"))
    ),
)


class Imports:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, value: TrailImport) -> None:
        columns: dict[str, Value] = {name: getattr(value, name) for name in _COLUMNS if name != "details"}
        self._connection.run(_ADD, **columns, details=_details(value))

    def get(self, import_id: str) -> TrailImport | None:
        row = self._connection.row(_GET, id=import_id)
        return _import(row) if row else None

    def of(self, account: str, region: str) -> list[TrailImport]:
        """The account's in a region, the latest first."""
        return [_import(row) for row in self._connection.rows(_OF, account=account, region=region)]

    def going_on(self) -> list[TrailImport]:
        """Those of all accounts that have something to do, the oldest first."""
        statuses = {"initializing": ImportStatus.INITIALIZING.value, "in_progress": ImportStatus.IN_PROGRESS.value}
        return [_import(row) for row in self._connection.rows(_GOING_ON, **statuses)]

    def advance(self, value: TrailImport) -> bool:
        """Write how far it has come, as its next step. Whether it was done: not if somebody else has changed it meanwhile."""
        changed: dict[str, Value] = {"new_status": value.status, "new_step": value.step + 1, "new_details": _details(value)}
        return self._connection.run(_ADVANCE, which=value.id, old_step=value.step, **changed) > 0


class ImportFailures:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, failure: ImportFailure) -> None:
        """In place of what is known of the file."""
        self._connection.run(_PUT_FAILURE, **{name: getattr(failure, name) for name in _FAILURE})

    def page(self, import_id: str, after: str = "", limit: int = 100) -> list[ImportFailure]:
        """At most `limit` of the import's, by location, those behind the location `after`."""
        return [ImportFailure(*row) for row in self._connection.rows(_FAILURES, import_id=import_id, after=after, limit=limit)]

    def to_retry(self, import_id: str, after: str, limit: int) -> list[ImportFailure]:
        """Of those, the ones that are to be tried again."""
        rows = self._connection.rows(_TO_RETRY, import_id=import_id, after=after, limit=limit, status="RETRY")
        return [ImportFailure(*row) for row in rows]

    def retry(self, import_id: str) -> int:
        """Have all that failed be tried again; how many there are."""
        return self._connection.run(_RETRY, which=import_id, old_status="FAILED", new_status="RETRY")

    def unread(self, import_id: str) -> int:
        """How many files have not been read yet."""
        return self._connection.count(_UNREAD, import_id=import_id, read="SUCCEEDED")


def _details(value: TrailImport) -> str:
    return orjson.dumps({name: getattr(value, name) for name in _DETAILS} | {"tally": asdict(value.tally)}).decode()


def _import(row: Row) -> TrailImport:
    *columns, details = row
    values = orjson.loads(details)
    return TrailImport(**dict(zip(_COLUMNS, columns, strict=False)), **values | {"tally": Tally(**values["tally"])})
