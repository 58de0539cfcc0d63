"""The feed of changes: who must be looked up anew. Written in the transaction of the change itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import base, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.store.connection import Connection

EVERYTHING = "*"
"""The subject of a change that concerns everything."""

_ADD = Query("changes.add", lambda: sa.insert(base.changes).values(at=p("at"), subject=p("subject")))
_SINCE = Query(
    "changes.since",
    lambda: sa.select(base.changes.c.id, base.changes.c.subject).where(base.changes.c.id > p("id")).order_by(base.changes.c.id),
)
_LATEST = Query("changes.latest", lambda: sa.select(sa.func.max(base.changes.c.id)))
_TRIM = Query("changes.trim", lambda: sa.delete(base.changes).where(base.changes.c.id <= p("id")))


class Changes:
    """Subjects are the unique ids of users, groups, roles, managed policies and sessions, access key ids, `acct:<account id>`,
    `limits:<account id>`, and `*`.

    Every repository method that changes or deletes what somebody may have cached adds its subject here. What is new has none:
    nobody depends on it yet. `written` collects the subjects of this store's own writes until its reader clears the list.
    """

    def __init__(self, connection: Connection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock
        self.written: list[str] = []

    def add(self, subject: str) -> None:
        self._connection.run(_ADD, at=int(self._clock()), subject=subject)
        self.written.append(subject)

    def since(self, seen: int) -> list[tuple[int, str]]:
        """Ids and subjects of the changes after the one with the id `seen`, oldest first.

        If some of them were trimmed away, there is one change instead: of everything.
        """
        rows = self._connection.rows(_SINCE, id=seen)
        if rows and rows[0][0] != seen + 1:
            return [(rows[-1][0], EVERYTHING)]
        return [(row[0], row[1]) for row in rows]

    def latest(self) -> int:
        """The id of the newest change; 0 if there was none."""
        row = self._connection.row(_LATEST)
        return row[0] or 0 if row else 0

    def trim(self, keep: int) -> None:
        """Deletes all but the newest `keep` (at least one: the newest tells how far the feed has come)."""
        self._connection.run(_TRIM, id=self.latest() - max(keep, 1))
