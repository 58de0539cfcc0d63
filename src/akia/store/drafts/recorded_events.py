"""Events about whose decisions something can be said, principal by principal: what replays go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from akia.aws.ids import Prefix
from akia.store.core import limited, p, sa, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

    from akia.store.connection import Connection, Value

Position = tuple[str, int, str]
"""Principal (unique id), time (epoch milliseconds) and id of an event."""


class RecordedEvent(NamedTuple):
    """`record` is the CloudTrail record (AC1.1), `decision` the decision record, both JSON."""

    principal: str
    at_ms: int
    event_id: str
    record: str
    decision: str

    @property
    def position(self) -> Position:
        return self.principal, self.at_ms, self.event_id


class Period(NamedTuple):
    """From `start_ms` to `end_ms` (both included) in `account`; of the user or role with the id `principal`, or of all ("")."""

    account: str
    principal: str
    start_ms: int
    end_ms: int

    @property
    def start(self) -> Position:
        """Before every event."""
        return self._principals[0], self.start_ms - 1, ""

    @property
    def parameters(self) -> dict[str, Value]:
        return {"of": self.account, "behind": self._principals[1], "since": self.start_ms, "until": self.end_ms}

    @property
    def _principals(self) -> tuple[str, str]:
        """Which come first, and what comes behind them. A role's sessions have its id and a colon before their names."""
        if self.principal.startswith(Prefix.ROLE):
            return f"{self.principal}:", f"{self.principal};"
        return (self.principal, f"{self.principal}\0") if self.principal else ("", "~")


def _after(statement: Select[Any]) -> Select[Any]:
    """What of a period comes after a position: the index begins to be read there."""
    t = trail.event_principals.c
    after = sa.tuple_(t.principal, t.at_ms, t.event_id) > sa.tuple_(p("after_principal"), p("after_ms"), p("after_id"))
    return statement.where(t.account == p("of"), after, t.principal < p("behind"), t.at_ms >= p("since"), t.at_ms <= p("until"))


def _page() -> Select[Any]:
    t, events = trail.event_principals.c, trail.events.c
    found = sa.select(t.principal, t.at_ms, t.event_id, events.record, events.decision).join_from(
        trail.event_principals, trail.events, events.event_id == t.event_id
    )
    return limited(_after(found).order_by(t.principal, t.at_ms, t.event_id))


_PAGE = Query("recorded_events.page", _page)
_COUNT = Query("recorded_events.count", lambda: _after(sa.select(sa.func.count()).select_from(trail.event_principals)))


class RecordedEvents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, period: Period, after: Position, limit: int) -> list[RecordedEvent]:
        """At most `limit` events, by principal and time, that come after the position `after`."""
        rows = self._connection.rows(_PAGE, **period.parameters, **_position(after), limit=limit)
        return [RecordedEvent(*row) for row in rows]

    def count(self, period: Period) -> int:
        return self._connection.count(_COUNT, **period.parameters, **_position(period.start))


def _position(after: Position) -> dict[str, Value]:
    principal, at_ms, event_id = after
    return {"after_principal": principal, "after_ms": at_ms, "after_id": event_id}
