"""What rules remember, by rule and subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.store.core import p, sa, suspicion, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection


def _this() -> sa.ColumnElement[bool]:
    t = suspicion.alert_states.c
    return sa.and_(t.rule == p("rule"), t.subject == p("subject"))


def _old() -> sa.ColumnElement[bool]:
    t = suspicion.alert_states.c
    return sa.and_(t.rule == p("rule"), t.at_ms < p("before_ms"))


_GET = Query("alert_states.get", lambda: sa.select(suspicion.alert_states.c.state).where(_this()))
_PUT = Query("alert_states.put", lambda: upsert(suspicion.alert_states, ("rule", "subject"), "at_ms", "state"))
_DELETE = Query("alert_states.delete", lambda: sa.delete(suspicion.alert_states).where(_this()))
_FORGET = Query("alert_states.forget", lambda: sa.delete(suspicion.alert_states).where(_old()))


class RuleStates:
    """One reader of the events writes them, together with its position: they are always those after the last event it is done with.
    Reminders of expiring keys keep theirs here, too, under a name of their own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, rule: str, subject: str) -> dict[str, Any] | None:
        row = self._connection.row(_GET, rule=rule, subject=subject)
        state: dict[str, Any] | None = orjson.loads(row[0]) if row else None
        return state

    def put(self, rule: str, subject: str, state: dict[str, Any] | None, at_ms: int) -> None:
        """Remember `state` (None: nothing) since the event at `at_ms`, in epoch milliseconds."""
        if state is None:
            self._connection.run(_DELETE, rule=rule, subject=subject)
        else:
            self._connection.run(_PUT, rule=rule, subject=subject, at_ms=at_ms, state=orjson.dumps(state).decode())

    def forget(self, rule: str, before_ms: int) -> int:
        """Deletes what the rule has not changed since `before_ms` (epoch milliseconds). How much it was."""
        return self._connection.run(_FORGET, rule=rule, before_ms=before_ms)
