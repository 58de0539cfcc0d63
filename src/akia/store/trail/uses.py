"""When, for what and where each access key, and when and where each role was last used: by verified calls only (NT-93)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.aws.ids import Prefix
from akia.identity.access_key import LastUsed
from akia.identity.role import RoleLastUsed
from akia.store.core import p, sa, sqlite, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.store.connection import Connection, Value
    from akia.store.trail.event_row import EventRow

AGENT_LENGTH = 256
"""So many characters of a user agent are kept: callers write what they like there."""


def _keep_latest(table: sa.Table, key: str, *told: str) -> sqlite.Insert:
    """An INSERT that overwrites the row of the same `key` only if it is later."""
    insert = sqlite.insert(table)
    newer = {name: insert.excluded[name] for name in ("at", *told)}
    return insert.on_conflict_do_update(index_elements=[key], set_=newer, where=insert.excluded.at > table.c.at)


_RECORD = Query("key_uses.record", lambda: _keep_latest(trail.key_uses, "access_key_id", "service", "region", "address", "agent", "action"))
_LAST = Query(
    "key_uses.last",
    lambda: sa.select(trail.key_uses.c.at, trail.key_uses.c.service, trail.key_uses.c.region).where(
        trail.key_uses.c.access_key_id == p("access_key_id")
    ),
)

_RECORD_ROLE = Query("role_uses.record", lambda: _keep_latest(trail.role_uses, "role_id", "region"))
_LAST_OF_ROLE = Query(
    "role_uses.last", lambda: sa.select(trail.role_uses.c.at, trail.role_uses.c.region).where(trail.role_uses.c.role_id == p("role"))
)


class KeyUses:
    """Uses of long-term keys; those of sessions end with them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, entries: Iterable[EventRow]) -> None:
        """Takes note of the latest verified use of each key in `entries`. An older event that comes late changes nothing."""
        latest: dict[str, EventRow] = {}
        for entry in entries:
            if entry.verified and entry.access_key_id.startswith(Prefix.ACCESS_KEY):
                known = latest.get(entry.access_key_id)
                if known is None or entry.at_ms > known.at_ms:
                    latest[entry.access_key_id] = entry
        if latest:
            self._connection.run_many(_RECORD, [_row(entry) for entry in latest.values()])

    def last(self, access_key_id: str) -> LastUsed | None:
        row = self._connection.row(_LAST, access_key_id=access_key_id)
        return LastUsed(row[0] // 1000, row[1], row[2]) if row else None


def _row(entry: EventRow) -> tuple[Value, ...]:
    service, (address, agent) = entry.source.removesuffix(".amazonaws.com"), _from(entry.record)
    return entry.access_key_id, entry.at_ms, service, entry.region, address, agent, entry.name


def _from(record: str) -> tuple[str, str]:
    """Where the call came from, and by which program, as far as the record tells. One that cannot be read must not hold up the others."""
    try:
        told = orjson.loads(record)
    except orjson.JSONDecodeError:
        return "", ""
    return told.get("sourceIPAddress") or "", (told.get("userAgent") or "")[:AGENT_LENGTH]


class RoleUses:
    """Uses of roles by their sessions, whatever the calls were and whatever became of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, entries: Iterable[EventRow]) -> None:
        """Takes note of the latest verified call of each role's sessions in `entries`. An older event that comes late changes nothing."""
        latest: dict[str, EventRow] = {}
        for entry in entries:
            role = _role(entry.record) if entry.verified else ""
            if role and (role not in latest or entry.at_ms > latest[role].at_ms):
                latest[role] = entry
        if latest:
            self._connection.run_many(_RECORD_ROLE, [(role, entry.at_ms, entry.region) for role, entry in latest.items()])

    def last(self, role_id: str) -> RoleLastUsed | None:
        row = self._connection.row(_LAST_OF_ROLE, role=role_id)
        return RoleLastUsed(row[0] // 1000, row[1]) if row else None


_BY_SESSION = '"userIdentity":{"type":"AssumedRole","principalId":"'
_BEGINNING = 100
"""So many characters of a record hold `_BY_SESSION` if it is one of a session: what callers write comes later."""


def _role(record: str) -> str:
    """The unique id of the role whose session made the call, read off the record's beginning; nothing if it was somebody else."""
    start = record.find(_BY_SESSION, 0, _BEGINNING) + len(_BY_SESSION)
    return record[start : record.index(":", start)] if start >= len(_BY_SESSION) else ""
