"""LookupEvents' attributes, one statement each (AC6.1): newest first, a page at a time.

A page begins before a point (`before_ms`, `before_id`): times repeat, so the event id breaks the tie.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from akia.store.core import limited, p, sa, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.sql import Select
    from sqlalchemy.sql.elements import ColumnElement

COLUMNS = (
    "event_id", "request_id", "account", "at_ms", "name", "source", "username", "access_key_id",
    "verified", "read_only", "error_code", "region", "record", "decision", "resources",
)  # fmt: skip


class Attribute(StrEnum):
    """AWS's words."""

    EVENT_ID = "EventId"
    EVENT_NAME = "EventName"
    READ_ONLY = "ReadOnly"
    USERNAME = "Username"
    RESOURCE_TYPE = "ResourceType"
    RESOURCE_NAME = "ResourceName"
    EVENT_SOURCE = "EventSource"
    ACCESS_KEY_ID = "AccessKeyId"


def event_columns() -> list[ColumnElement[Any]]:
    """The columns of an event, in the order of COLUMNS."""
    return [trail.events.c[name] for name in COLUMNS]


def _page(statement: Select[Any], at_ms: ColumnElement[int], event_id: ColumnElement[str]) -> Select[Any]:
    before = sa.tuple_(at_ms, event_id) < sa.tuple_(p("before_ms"), p("before_id"))
    return limited(statement.where(at_ms >= p("start_ms"), before).order_by(at_ms.desc(), event_id.desc()))


def _lookup(column: str | None) -> Select[Any]:
    events = trail.events.c
    statement = sa.select(*event_columns()).where(events.account == p("account"))
    return _page(statement if column is None else statement.where(events[column] == p("value")), events.at_ms, events.event_id)


def _lookup_resource(column: str) -> Select[Any]:
    index = trail.event_resources.c
    touched = sa.select(index.at_ms, index.event_id).distinct().where(index.account == p("account"), index[column] == p("value"))
    page = _page(touched, index.at_ms, index.event_id).subquery("page")
    found = sa.select(*event_columns()).join_from(page, trail.events, trail.events.c.event_id == page.c.event_id)
    return found.order_by(page.c.at_ms.desc(), page.c.event_id.desc())


def _query(name: str, build: Callable[[str], Select[Any]], column: str) -> Query:
    return Query(f"events.lookup_{name}", lambda: build(column))


LOOKUPS: dict[Attribute | None, Query] = {
    None: Query("events.lookup", lambda: _lookup(None)),
    Attribute.EVENT_ID: _query("event_id", _lookup, "event_id"),
    Attribute.EVENT_NAME: _query("name", _lookup, "name"),
    Attribute.READ_ONLY: _query("read_only", _lookup, "read_only"),
    Attribute.USERNAME: _query("username", _lookup, "username"),
    Attribute.RESOURCE_TYPE: _query("resource_type", _lookup_resource, "type"),
    Attribute.RESOURCE_NAME: _query("resource_name", _lookup_resource, "name"),
    Attribute.EVENT_SOURCE: _query("source", _lookup, "source"),
    Attribute.ACCESS_KEY_ID: _query("access_key_id", _lookup, "access_key_id"),
}
