"""Sessions that were revoked before they expired: one by one, or all that descend from a key or belong to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.store.core import base, insert_once, p, sa, sqlite
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import CompoundSelect

    from akia.store.changes import Changes
    from akia.store.connection import Connection

KEPT_SECONDS = 30 * 86_400
"""How long it is remembered that all sessions of somebody were revoked. A session is over after 36 hours (W10.17), but a delegation that
was accepted before may be traded in until a fortnight later, and asks for the same."""


def _revoked() -> CompoundSelect[Any]:
    one, all_ = base.revoked_sessions.c, base.revoked_lineages.c
    by_id = sa.select(one.session_id).where(one.session_id == p("session_id"))
    by_descent = sa.select(all_.subject).where(all_.subject.in_([p("key"), p("owner")]), all_.issued_until >= p("issued"))
    return by_id.union_all(by_descent)


def _revoke_all() -> sqlite.Insert:
    """What was revoked stays so: of two times the later one counts."""
    statement, known = sqlite.insert(base.revoked_lineages), base.revoked_lineages.c.issued_until
    later = sa.func.max(known, statement.excluded.issued_until)
    return statement.on_conflict_do_update(index_elements=("subject",), set_={"issued_until": later})


_REVOKE = Query("sessions.revoke", lambda: insert_once(base.revoked_sessions, "session_id"))
_REVOKE_ALL = Query("sessions.revoke_all", _revoke_all)
_REVOKED = Query("sessions.revoked", _revoked)
_FORGET = Query("sessions.forget_expired", lambda: sa.delete(base.revoked_sessions).where(base.revoked_sessions.c.expires < p("now")))
_FORGET_ALL = Query(
    "sessions.forget_old_lineages", lambda: sa.delete(base.revoked_lineages).where(base.revoked_lineages.c.issued_until < p("oldest"))
)


class Sessions:
    """A session lives in its token alone; only its revocation is remembered, until it would have expired anyway."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def revoke(self, session_id: str, expires: int) -> None:
        """Refuses the session from now on; `expires` (epoch seconds) is when it would have ended. Harmless if repeated."""
        if self._connection.run(_REVOKE, session_id=session_id, expires=expires):
            self._changes.add(session_id)

    def revoke_all(self, subject: str, issued_until: int) -> None:
        """Refuses every session that was made up to `issued_until` (epoch seconds, included) and descends from the access key `subject`,
        or belongs to whom that unique id names."""
        self._connection.run(_REVOKE_ALL, subject=subject, issued_until=issued_until)
        self._changes.add(subject)

    def revoked(self, session_id: str, *, key: str, owner: str, issued: int) -> bool:
        """Whether the session is: by its id, by the key it descends from ("" for none), or by its owner."""
        return bool(self._connection.rows(_REVOKED, session_id=session_id, key=key, owner=owner, issued=issued))

    def forget_expired(self, now: int) -> None:
        """Drops revocations that nobody can ask for any more at `now` (epoch seconds)."""
        self._connection.run(_FORGET, now=now)
        self._connection.run(_FORGET_ALL, oldest=now - KEPT_SECONDS)
