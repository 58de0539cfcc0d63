"""The outbox: events of changes, put down in the transaction of the change itself, until the indexer moves them to their place.

One short row instead of a dozen pages of indexes: the answer to a change waits for the disk, and should wait for little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import base, limited, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_ADD = Query("outbox.add", lambda: sa.insert(base.outbox).values(payload=p("payload")))
_FIRST = Query("outbox.first", lambda: limited(sa.select(base.outbox.c.id, base.outbox.c.payload).order_by(base.outbox.c.id)))
_REMOVE = Query("outbox.remove", lambda: sa.delete(base.outbox).where(base.outbox.c.id <= p("last")))


class Outbox:
    """Payloads are opaque here; `store.indexer` reads and writes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, payload: bytes) -> None:
        """Put down one event."""
        self._connection.run(_ADD, payload=payload)

    def first(self, most: int) -> list[tuple[int, bytes]]:
        """Up to `most` events with their numbers, oldest first."""
        return [(row[0], row[1]) for row in self._connection.rows(_FIRST, limit=most)]

    def remove(self, last: int) -> None:
        """Forget the events up to number `last`, which are in their place now."""
        self._connection.run(_REMOVE, last=last)
