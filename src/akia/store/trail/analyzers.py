"""Analyzers, by account, region and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.identity.analyzer import Analyzer
from akia.store.core import p, sa, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select
    from sqlalchemy.sql.elements import ColumnElement

    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("account", "region", "name", "type", "created", "configuration", "tags")


def _analyzers() -> Select[tuple[object, ...]]:
    columns = trail.analyzers.c
    return sa.select(*(columns[name] for name in _COLUMNS)).where(columns.account == p("of"), columns.region == p("where"))


def _this() -> ColumnElement[bool]:
    columns = trail.analyzers.c
    return sa.and_(columns.account == p("of"), columns.region == p("where"), columns.name == p("called"))


_ADD = Query("analyzers.add", lambda: sa.insert(trail.analyzers))
_GET = Query("analyzers.get", lambda: _analyzers().where(trail.analyzers.c.name == p("called")))
_ALL = Query("analyzers.all", lambda: _analyzers().order_by(trail.analyzers.c.name))
_EVERYWHERE = Query(
    "analyzers.everywhere",
    lambda: (
        sa.select(*(trail.analyzers.c[name] for name in _COLUMNS))
        .where(trail.analyzers.c.account == p("of"))
        .order_by(trail.analyzers.c.region, trail.analyzers.c.name)
    ),
)
_REPLACE = Query(
    "analyzers.replace", lambda: sa.update(trail.analyzers).where(_this()).values(configuration=p("new_configuration"), tags=p("new_tags"))
)
_DELETE = Query("analyzers.delete", lambda: sa.delete(trail.analyzers).where(_this()))


class Analyzers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, analyzer: Analyzer) -> None:
        """Raises IdTaken if the account has one of this name in the region."""
        self._connection.run(
            _ADD,
            account=analyzer.account,
            region=analyzer.region,
            name=analyzer.name,
            type=analyzer.type,
            created=analyzer.created,
            configuration=orjson.dumps(analyzer.configuration).decode(),
            tags=orjson.dumps(analyzer.tags).decode(),
        )

    def get(self, account: str, region: str, name: str) -> Analyzer | None:
        row = self._connection.row(_GET, of=account, where=region, called=name)
        return _analyzer(row) if row else None

    def all(self, account: str, region: str) -> list[Analyzer]:
        """In the order of names."""
        return [_analyzer(row) for row in self._connection.rows(_ALL, of=account, where=region)]

    def everywhere(self, account: str) -> list[Analyzer]:
        """Those of all regions, by region and name."""
        return [_analyzer(row) for row in self._connection.rows(_EVERYWHERE, of=account)]

    def replace(self, analyzer: Analyzer) -> None:
        """Its configuration and tags are those from now on."""
        configuration, tags = orjson.dumps(analyzer.configuration).decode(), orjson.dumps(analyzer.tags).decode()
        self._connection.run(_REPLACE, new_configuration=configuration, new_tags=tags, **_key(analyzer))

    def delete(self, analyzer: Analyzer) -> None:
        self._connection.run(_DELETE, **_key(analyzer))


def _key(analyzer: Analyzer) -> dict[str, Value]:
    return {"of": analyzer.account, "where": analyzer.region, "called": analyzer.name}


def _analyzer(row: Row) -> Analyzer:
    account, region, name, kind, created, configuration, tags = row
    return Analyzer(account, region, name, kind, created, orjson.loads(configuration), orjson.loads(tags))
