"""Files that trails have written and not yet delivered, and logs that no digest names yet. In the order in which they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.trail_delivery import TrailFile
from akia.store.core import deliveries, limited, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.identity.trail_delivery import TrailLane
    from akia.store.connection import Connection, Row

_COLUMNS = (
    "trail", "account", "region", "kind", "written", "bucket", "key", "metadata", "hash", "oldest", "newest", "undigested", "number",
)  # fmt: skip


def _files(*conditions: Any) -> sa.Select[Any]:
    t = deliveries.trail_files.c
    return sa.select(*(t[name] for name in _COLUMNS)).where(*conditions).order_by(t.number)


def _one() -> Any:
    return sa.literal_column("1")


_ADD = Query(
    "trail_files.add",
    lambda: sa.insert(deliveries.trail_files).values(
        {name: p(f"new_{name}") for name in (*_COLUMNS[:-1], "body")} | {"undelivered": _one()}
    ),
)
_UNDELIVERED = Query(
    "trail_files.undelivered",
    lambda: limited(_files(deliveries.trail_files.c.undelivered == _one(), deliveries.trail_files.c.number > p("after"))),
)
_BODY = Query("trail_files.body", lambda: sa.select(deliveries.trail_files.c.body).where(deliveries.trail_files.c.number == p("number")))
_UNDIGESTED = Query(
    "trail_files.undigested",
    lambda: _files(
        deliveries.trail_files.c.trail == p("trail"),
        deliveries.trail_files.c.account == p("account"),
        deliveries.trail_files.c.region == p("region"),
        deliveries.trail_files.c.undigested == _one(),
        deliveries.trail_files.c.written <= p("until"),
    ),
)
_DIGESTED = Query(
    "trail_files.digested",
    lambda: (
        sa.update(deliveries.trail_files).where(deliveries.trail_files.c.number == p("which")).values(undigested=sa.literal_column("0"))
    ),
)
_DELIVERED = Query(
    "trail_files.delivered",
    lambda: (
        sa.update(deliveries.trail_files)
        .where(deliveries.trail_files.c.number == p("which"))
        .values(undelivered=sa.literal_column("0"), body=sa.literal_column("x''"))
    ),
)
_DROP = Query(
    "trail_files.drop",
    lambda: sa.delete(deliveries.trail_files).where(
        deliveries.trail_files.c.number == p("which"),
        deliveries.trail_files.c.undelivered == sa.literal_column("0"),
        deliveries.trail_files.c.undigested == sa.literal_column("0"),
    ),
)


class TrailFiles:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, file: TrailFile) -> None:
        """Puts it at the end of what is to be delivered."""
        values: dict[str, Any] = {f"new_{name}": getattr(file, name) for name in (*_COLUMNS[:-1], "body")}
        values |= {"new_metadata": orjson.dumps(file.metadata).decode(), "new_undigested": int(file.undigested)}
        self._connection.run(_ADD, **values)

    def undelivered(self, after: int = 0, limit: int = 100) -> list[TrailFile]:
        """At most `limit` files that have not arrived, those behind the number `after`, without their bodies."""
        return [_file(row) for row in self._connection.rows(_UNDELIVERED, after=after, limit=limit)]

    def body(self, number: int) -> bytes | None:
        """What is to be stored; None if somebody else has delivered the file meanwhile."""
        row = self._connection.row(_BODY, number=number)
        return row[0] or None if row else None

    def undigested(self, lane: TrailLane, until: int) -> list[TrailFile]:
        """The log files of `lane`, written not after `until`, that no digest names yet."""
        rows = self._connection.rows(_UNDIGESTED, trail=lane.trail, account=lane.account, region=lane.region, until=until)
        return [_file(row) for row in rows]

    def digested(self, file: TrailFile) -> None:
        """A digest names it."""
        self._connection.run(_DIGESTED, which=file.number)
        self._connection.run(_DROP, which=file.number)

    def delivered(self, file: TrailFile) -> None:
        """It has arrived."""
        self._connection.run(_DELIVERED, which=file.number)
        self._connection.run(_DROP, which=file.number)


def _file(row: Row) -> TrailFile:
    trail, account, region, kind, written, bucket, key, metadata, text_hash, oldest, newest, undigested, number = row
    return TrailFile(
        trail, account, region, kind, written, bucket, key, orjson.loads(metadata), b"", text_hash, oldest, newest, bool(undigested), number
    )
