"""How far each journal of events has been copied into the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import base, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_POSITION = Query(
    "journals.position",
    lambda: sa.select(base.journal_positions.c.position).where(base.journal_positions.c.journal == p("journal")),
)
_ADVANCE = Query("journals.advance", lambda: upsert(base.journal_positions, ("journal",), "position"))
_FORGET = Query("journals.forget", lambda: sa.delete(base.journal_positions).where(base.journal_positions.c.journal == p("journal")))


class Journals:
    """Positions are in bytes; they are written in the transaction that copies the events."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def position(self, journal: str) -> int:
        """Where the next event of `journal` begins; 0 for one not seen before."""
        row = self._connection.row(_POSITION, journal=journal)
        return row[0] if row else 0

    def advance(self, journal: str, position: int) -> None:
        self._connection.run(_ADVANCE, journal=journal, position=position)

    def forget(self, journal: str) -> None:
        """Drops the position of a journal that no longer exists."""
        self._connection.run(_FORGET, journal=journal)
