"""Which edition of the data that akia ships the database holds: so that a newer akia brings it up to date, and others lose no time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import base, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_GET = Query("editions.get", lambda: sa.select(base.editions.c.edition).where(base.editions.c.what == p("what")))
_PUT = Query("editions.put", lambda: upsert(base.editions, ("what",), "edition"))


class Editions:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, what: str) -> str | None:
        """The edition of `what` that was put last."""
        row = self._connection.row(_GET, what=what)
        return row[0] if row else None

    def put(self, what: str, edition: str) -> None:
        self._connection.run(_PUT, what=what, edition=edition)
