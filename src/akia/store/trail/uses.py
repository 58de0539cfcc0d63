"""When, for what and where each access key was last used: by verified calls only (NT-93)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.ids import Prefix
from akia.identity.access_key import LastUsed
from akia.store.core import p, sa, sqlite, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.store.connection import Connection, Value
    from akia.store.trail.event_row import EventRow


def _record() -> sqlite.Insert:
    insert = sqlite.insert(trail.key_uses)
    newer = {name: insert.excluded[name] for name in ("at", "service", "region")}
    return insert.on_conflict_do_update(index_elements=["access_key_id"], set_=newer, where=insert.excluded.at > trail.key_uses.c.at)


_RECORD = Query("key_uses.record", _record)
_LAST = Query(
    "key_uses.last",
    lambda: sa.select(trail.key_uses.c.at, trail.key_uses.c.service, trail.key_uses.c.region).where(
        trail.key_uses.c.access_key_id == p("access_key_id")
    ),
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
    return entry.access_key_id, entry.at_ms, entry.source.removesuffix(".amazonaws.com"), entry.region
