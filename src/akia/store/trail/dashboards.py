"""Dashboards, by account, region and name."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.dashboard import Dashboard
from akia.store.core import channels, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row

_KEY = ("account", "region", "name")
_DETAILS = tuple(each.name for each in fields(Dashboard) if each.name not in _KEY)


def _dashboards(*key: str) -> sa.Select[Any]:
    t = channels.dashboards.c
    chosen = sa.select(*(t[name] for name in (*_KEY, "details"))).where(*(t[name] == p(name) for name in key))
    return chosen.order_by(t.name)


_PUT = Query("dashboards.put", lambda: upsert(channels.dashboards, _KEY, "details"))
_GET = Query("dashboards.get", lambda: _dashboards(*_KEY))
_OF = Query("dashboards.of", lambda: _dashboards("account", "region"))
_DELETE = Query(
    "dashboards.delete", lambda: sa.delete(channels.dashboards).where(*(channels.dashboards.c[name] == p(name) for name in _KEY))
)


class Dashboards:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, dashboard: Dashboard) -> None:
        """In place of the one of its name."""
        details = orjson.dumps({name: getattr(dashboard, name) for name in _DETAILS}).decode()
        self._connection.run(_PUT, account=dashboard.account, region=dashboard.region, name=dashboard.name, details=details)

    def get(self, account: str, region: str, name: str) -> Dashboard | None:
        row = self._connection.row(_GET, account=account, region=region, name=name)
        return _dashboard(row) if row else None

    def of(self, account: str, region: str) -> list[Dashboard]:
        """The account's in a region, by name."""
        return [_dashboard(row) for row in self._connection.rows(_OF, account=account, region=region)]

    def delete(self, dashboard: Dashboard) -> None:
        self._connection.run(_DELETE, account=dashboard.account, region=dashboard.region, name=dashboard.name)


def _dashboard(row: Row) -> Dashboard:
    account, region, name, details = row
    values = orjson.loads(details)
    return Dashboard(account, region, name, **values | {"widgets": tuple(values["widgets"])})
