"""Sessions that were revoked before they expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import base, insert_once, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection

_REVOKE = Query("sessions.revoke", lambda: insert_once(base.revoked_sessions, "session_id"))
_REVOKED = Query(
    "sessions.revoked",
    lambda: sa.select(base.revoked_sessions.c.session_id).where(base.revoked_sessions.c.session_id == p("session_id")),
)
_FORGET = Query("sessions.forget_expired", lambda: sa.delete(base.revoked_sessions).where(base.revoked_sessions.c.expires < p("now")))


class Sessions:
    """A session lives in its token alone; only its revocation is remembered, until it would have expired anyway."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def revoke(self, session_id: str, expires: int) -> None:
        """Refuses the session from now on; `expires` (epoch seconds) is when it would have ended. Harmless if repeated."""
        if self._connection.run(_REVOKE, session_id=session_id, expires=expires):
            self._changes.add(session_id)

    def revoked(self, session_id: str) -> bool:
        return self._connection.row(_REVOKED, session_id=session_id) is not None

    def forget_expired(self, now: int) -> None:
        """Drops revocations of sessions that ended before `now` (epoch seconds)."""
        self._connection.run(_FORGET, now=now)
