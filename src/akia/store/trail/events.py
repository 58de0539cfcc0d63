"""Events: added exactly once, looked up newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.aws.ids import Prefix
from akia.store.core import insert_once, limited, p, sa, trail
from akia.store.drafts.shadow_findings import ShadowFindings
from akia.store.statement import Query
from akia.store.trail.event_row import EventRow
from akia.store.trail.lookup import LOOKUPS, Attribute, event_columns
from akia.store.trail.uses import KeyUses, RoleUses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql import Select

    from akia.identity.access_key import LastUsed
    from akia.identity.role import RoleLastUsed
    from akia.store.connection import Connection, Row, Value

END_OF_TIME = 2**62
_NO_RESOURCES = "[]"

_ADD = Query("events.add", lambda: insert_once(trail.events, "event_id"))
_ADD_RESOURCE = Query("event_resources.add", lambda: insert_once(trail.event_resources, "account", "name", "at_ms", "event_id", "type"))
_ADD_PRINCIPAL = Query("event_principals.add", lambda: insert_once(trail.event_principals, "account", "principal", "at_ms", "event_id"))
_GET = Query("events.get", lambda: sa.select(*event_columns()).where(trail.events.c.event_id == p("event_id")))
_BY_REQUEST_ID = Query("events.by_request_id", lambda: sa.select(*event_columns()).where(trail.events.c.request_id == p("request_id")))
_MAKING_SESSIONS = Query("events.making_sessions", lambda: _making_sessions())
_COUNT = Query("events.count", lambda: sa.select(sa.func.count()).select_from(trail.events))


def _making_sessions() -> Select[tuple[str]]:
    events = trail.events.c
    by_key = sa.and_(events.account == p("account"), events.access_key_id == p("access_key_id"))
    made = sa.and_(events.source == sa.literal_column("'sts.amazonaws.com'"), events.resources != sa.literal_column("'[]'"))
    return limited(sa.select(events.resources).where(by_key, made).order_by(events.at_ms.desc()))


class Events:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._uses = KeyUses(connection)
        self._role_uses = RoleUses(connection)
        self._shadow_findings = ShadowFindings(connection)

    def add(self, entries: Sequence[EventRow]) -> int:
        """Adds those whose event id is not there yet, and returns how many that were: adding a batch again changes nothing.

        Several statements: call it inside a transaction.
        """
        added = self._connection.run_many(_ADD, [_row(entry) for entry in entries])
        resources = [(entry.account, name, entry.at_ms, entry.event_id, kind) for entry in entries for kind, name in entry.resources]
        if resources:
            self._connection.run_many(_ADD_RESOURCE, resources)
        principals = [(entry.account, name, entry.at_ms, entry.event_id) for entry in entries if (name := principal_of(entry.decision))]
        if principals:
            self._connection.run_many(_ADD_PRINCIPAL, principals)
        self._uses.record(entries)
        self._role_uses.record(entries)
        self._shadow_findings.record(entries)
        return added

    def lookup(
        self,
        account: str,
        attribute: Attribute | None = None,
        value: str = "",
        *,
        start_ms: int = 0,
        end_ms: int = END_OF_TIME,
        before: tuple[int, str] | None = None,
        limit: int = 50,
    ) -> list[EventRow]:
        """At most `limit` events of the account whose `attribute` is `value`, from `start_ms` to `end_ms` (both included), newest first.

        `before` is the time and the id of the last event of the page before. `ReadOnly` is asked for by "true" or "false" (AC6.3);
        any other value finds nothing.
        """
        before_ms, before_id = min(before, (end_ms + 1, "")) if before else (end_ms + 1, "")
        wanted: Value = {"true": 1, "false": 0}.get(value, -1) if attribute is Attribute.READ_ONLY else value
        parameters: dict[str, Value] = {"value": wanted} if attribute else {}
        rows = self._connection.rows(
            LOOKUPS[attribute], account=account, start_ms=start_ms, before_ms=before_ms, before_id=before_id, limit=limit, **parameters
        )
        return [event_of(row) for row in rows]

    def sessions_made_by(self, account: str, access_key_id: str, limit: int) -> list[str]:
        """The key ids of at most `limit` sessions that calls of the key have made, as far as events of the account tell."""
        rows = self._connection.rows(_MAKING_SESSIONS, account=account, access_key_id=access_key_id, limit=limit)
        return [name for (resources,) in rows for _, name in orjson.loads(resources) if name.startswith(Prefix.SESSION_KEY)]

    def get(self, event_id: str) -> EventRow | None:
        row = self._connection.row(_GET, event_id=event_id)
        return event_of(row) if row else None

    def by_request_id(self, request_id: str) -> list[EventRow]:
        """The events of one request: one for each account that has to see it."""
        return [event_of(row) for row in self._connection.rows(_BY_REQUEST_ID, request_id=request_id)]

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """The latest verified call of the key; None if there was none (NT-93)."""
        return self._uses.last(access_key_id)

    def role_last_used(self, role_id: str) -> RoleLastUsed | None:
        """The latest verified call of any session of the role; None if there was none."""
        return self._role_uses.last(role_id)

    def count(self) -> int:
        return self._connection.count(_COUNT)


_DECIDED = '[{"principalId":"'


def principal_of(decision: str) -> str:
    """Whom the decision record is about, read off its beginning; nothing if there is none. Unique ids need no escapes in JSON."""
    return decision[len(_DECIDED) : decision.index('"', len(_DECIDED))] if decision.startswith(_DECIDED) else ""


def _row(entry: EventRow) -> tuple[Value, ...]:
    resources = orjson.dumps(entry.resources).decode() if entry.resources else _NO_RESOURCES
    return (*entry[:-1], resources)


def event_of(row: Row) -> EventRow:
    """The event in a row of `lookup.COLUMNS`."""
    *columns, verified, read_only, error_code, region, record, decision, resources = row
    pairs = tuple((kind, name) for kind, name in orjson.loads(resources)) if resources != _NO_RESOURCES else ()
    return EventRow._make((*columns, bool(verified), bool(read_only), error_code, region, record, decision, pairs))


__all__ = ["Attribute", "Events", "event_of", "principal_of"]
