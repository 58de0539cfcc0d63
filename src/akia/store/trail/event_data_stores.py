"""Event data stores, by account, region and name. Rows of deleted ones stay until they cannot be restored any more."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.event_data_store import EventDataStore
from akia.store.core import lake, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("id", "account", "region", "name", "created", "deleted", "settings")
_SETTINGS = tuple(each.name for each in fields(EventDataStore) if each.name not in _COLUMNS)


def _stores(*conditions: Any) -> sa.Select[Any]:
    t = lake.event_data_stores.c
    return sa.select(*(t[name] for name in _COLUMNS)).where(*conditions).order_by(t.account, t.region, t.name)


def _this() -> Any:
    return lake.event_data_stores.c.id == p("store")


_ADD = Query("event_data_stores.add", lambda: sa.insert(lake.event_data_stores))
_GET = Query("event_data_stores.get", lambda: _stores(_this()))
_OF = Query(
    "event_data_stores.of",
    lambda: _stores(lake.event_data_stores.c.account == p("account"), lake.event_data_stores.c.region == p("region")),
)
_ALL = Query("event_data_stores.all", lambda: _stores(sa.true()))
_REPLACE = Query(
    "event_data_stores.replace",
    lambda: (
        sa.update(lake.event_data_stores).where(_this()).values(name=p("new_name"), deleted=p("new_deleted"), settings=p("new_settings"))
    ),
)
_DELETE = Query("event_data_stores.delete", lambda: sa.delete(lake.event_data_stores).where(_this()))


class EventDataStores:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, store: EventDataStore) -> None:
        """Raises IdTaken or NameTaken if the account has one of this name in the region."""
        columns: dict[str, Value] = {name: getattr(store, name) for name in _COLUMNS if name != "settings"}
        self._connection.run(_ADD, **columns, settings=_settings(store))

    def get(self, store_id: str) -> EventDataStore | None:
        row = self._connection.row(_GET, store=store_id)
        return _store(row) if row else None

    def of(self, account: str, region: str) -> list[EventDataStore]:
        """The account's in a region, by name, those that are on their way out included."""
        return [_store(row) for row in self._connection.rows(_OF, account=account, region=region)]

    def all(self) -> list[EventDataStore]:
        """Those of all accounts."""
        return [_store(row) for row in self._connection.rows(_ALL)]

    def replace(self, store: EventDataStore) -> None:
        """Writes everything but its id, its home and when it was made. Raises NameTaken."""
        self._connection.run(_REPLACE, store=store.id, new_name=store.name, new_deleted=store.deleted, new_settings=_settings(store))

    def delete(self, store_id: str) -> None:
        """Deletes the row, once its events are gone. For those who use stores one is deleted when it says so."""
        self._connection.run(_DELETE, store=store_id)


def _settings(store: EventDataStore) -> str:
    return orjson.dumps({name: getattr(store, name) for name in _SETTINGS}).decode()


def _store(row: Row) -> EventDataStore:
    *columns, settings = row
    values = orjson.loads(settings)
    values["ingestion"] = tuple((start, end) for start, end in values["ingestion"])
    values["selectors"] = tuple(values["selectors"])
    return EventDataStore(**dict(zip(_COLUMNS, columns, strict=False)), **values)
