"""The outgoing queue: a message waits here, in the transaction of its alert, until its channel has taken it."""

from __future__ import annotations

from typing import Any

from akia.identity.alert import AlertMessage
from akia.store.core import limited, p, sa, suspicion
from akia.store.organizations.records import Records, Repository, count_where

_MESSAGES = Records("alert_messages", lambda: suspicion.alert_messages, AlertMessage, "id")
_CHANNELS = _MESSAGES.query("channels", lambda t: sa.select(t.c.channel).distinct())
_COUNT = _MESSAGES.query("count", count_where())


def _claim(t: sa.Table) -> Any:
    mine = sa.and_(t.c.id == p("message"), t.c.attempts == p("old_attempts"))
    return sa.update(t).where(mine).values(attempts=p("new_attempts"), due=p("new_due"))


def _due(t: sa.Table) -> Any:
    return limited(sa.select(t).where(t.c.channel == p("channel"), t.c.due <= p("now")).order_by(t.c.due, t.c.id))


_DUE = _MESSAGES.query("due", _due)
_CLAIM = _MESSAGES.query("claim", _claim)


class AlertMessages(Repository[AlertMessage]):
    """Nothing that is kept in memory depends on them."""

    records = _MESSAGES

    def channels(self) -> list[str]:
        """For which messages wait."""
        return [row[0] for row in self._connection.rows(_CHANNELS)]

    def due(self, channel: str, now: int, limit: int) -> list[AlertMessage]:
        """At most `limit` messages to `channel` whose time has come at `now` (epoch seconds), the longest due first."""
        return [self._value(row) for row in self._connection.rows(_DUE, channel=channel, now=now, limit=limit)]

    def claim(self, message: AlertMessage, due: int) -> bool:
        """Count one more attempt, the next one `due` (epoch seconds). Whether it was done: not if somebody else sends it or has sent it."""
        attempts = message.attempts
        return self._connection.run(_CLAIM, message=message.id, old_attempts=attempts, new_attempts=attempts + 1, new_due=due) > 0

    def count(self) -> int:
        return self._connection.count(_COUNT)
