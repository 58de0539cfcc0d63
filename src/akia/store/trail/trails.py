"""Trails, by account, region and name. Rows of deleted ones stay until they have delivered everything."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.trail import Trail
from akia.store.core import deliveries, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("id", "account", "region", "name", "ended", "created", "settings")
_SETTINGS = tuple(each.name for each in fields(Trail) if each.name not in _COLUMNS)


def _trails(*conditions: Any) -> sa.Select[Any]:
    t = deliveries.trails.c
    return sa.select(*(t[name] for name in _COLUMNS)).where(*conditions).order_by(t.account, t.region, t.name, t.ended)


def _living(*conditions: Any) -> sa.Select[Any]:
    return _trails(deliveries.trails.c.ended == sa.literal_column("0"), *conditions)


def _this() -> Any:
    return deliveries.trails.c.id == p("trail")


_ADD = Query("trails.add", lambda: sa.insert(deliveries.trails))
_GET = Query(
    "trails.get",
    lambda: _living(
        deliveries.trails.c.account == p("account"), deliveries.trails.c.region == p("region"), deliveries.trails.c.name == p("name")
    ),
)
_OF = Query("trails.of", lambda: _living(deliveries.trails.c.account == p("account")))
_ALL = Query("trails.all", lambda: _trails(sa.true()))
_REPLACE = Query(
    "trails.replace", lambda: sa.update(deliveries.trails).where(_this()).values(ended=p("new_ended"), settings=p("new_settings"))
)
_DELETE = Query("trails.delete", lambda: sa.delete(deliveries.trails).where(_this()))


class Trails:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, trail: Trail) -> None:
        """Raises IdTaken or NameTaken if the account has one of this name in the region."""
        columns: dict[str, Value] = {name: getattr(trail, name) for name in _COLUMNS if name != "settings"}
        self._connection.run(_ADD, **columns, settings=_settings(trail))

    def get(self, account: str, region: str, name: str) -> Trail | None:
        row = self._connection.row(_GET, account=account, region=region, name=name)
        return _trail(row) if row else None

    def of(self, account: str) -> list[Trail]:
        """The account's, of all regions, by region and name."""
        return [_trail(row) for row in self._connection.rows(_OF, account=account)]

    def all(self) -> list[Trail]:
        """Those of all accounts, deleted ones that have to deliver still included."""
        return [_trail(row) for row in self._connection.rows(_ALL)]

    def replace(self, trail: Trail) -> None:
        """Writes everything but its id, its name and when it was made."""
        self._connection.run(_REPLACE, trail=trail.id, new_ended=trail.ended, new_settings=_settings(trail))

    def delete(self, trail: Trail) -> None:
        """Deletes the row. For those who use trails a trail is gone when it has `ended`."""
        self._connection.run(_DELETE, trail=trail.id)


def _settings(trail: Trail) -> str:
    return orjson.dumps({name: getattr(trail, name) for name in _SETTINGS}).decode()


def _trail(row: Row) -> Trail:
    *columns, settings = row
    values = orjson.loads(settings)
    values["logging"] = tuple((start, end) for start, end in values["logging"])
    values["insights"] = tuple(values["insights"])
    return Trail(**dict(zip(_COLUMNS, columns, strict=False)), **values)
