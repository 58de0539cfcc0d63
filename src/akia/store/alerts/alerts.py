"""Alerts: found by rules, folded, acknowledged by people."""

from __future__ import annotations

from typing import Any

from akia.identity.alert import Alert
from akia.store.core import limited, p, sa, suspicion
from akia.store.organizations.records import Records, Repository

MOST = 20_000
"""How many alerts of an account are kept; the oldest go first."""

_ALERTS = Records("alerts", lambda: suspicion.alerts, Alert, "id")
_REPLACE = _ALERTS.update(
    "first_ms", "last_ms", "event_ids", "count", "status", "response", "acknowledged", "acknowledged_by", "note"
)  # fmt: skip


def _since(t: sa.Table, *alike: str) -> Any:
    wanted = [t.c[name] == p(name) for name in alike]
    return sa.select(t).where(*wanted, t.c.first_ms >= p("since_ms")).order_by(t.c.first_ms.desc(), t.c.id.desc())


def _newest(t: sa.Table) -> Any:
    any_status = p("status") == sa.literal_column("''")
    chosen = sa.select(t).where(t.c.account == p("account"), t.c.id < p("before"), sa.or_(any_status, t.c.status == p("status")))
    return limited(chosen.order_by(t.c.id.desc()))


def _trim(t: sa.Table) -> Any:
    own = t.c.account == p("account")
    newest_too_many = sa.select(t.c.id).where(own).order_by(t.c.id.desc()).limit(sa.literal_column("1")).offset(p("most")).scalar_subquery()
    return sa.delete(t).where(own, t.c.id <= newest_too_many)


_ALIKE = _ALERTS.query("alike", lambda t: _since(t, "account", "rule", "subject", "detail"))
_ABOUT = _ALERTS.query("about", lambda t: limited(_since(t, "account", "rule", "subject")))
_NEWEST = _ALERTS.query("newest", _newest)
_TRIM = _ALERTS.query("trim", _trim)


class Alerts(Repository[Alert]):
    """Nothing that is kept in memory depends on them."""

    records = _ALERTS

    def alike(self, account: str, rule: str, subject: str, detail: str, since_ms: int) -> Alert | None:
        """The newest alert of the same rule about the same, if it began at `since_ms` (epoch milliseconds) or later."""
        return self._one(_ALIKE, account=account, rule=rule, subject=subject, detail=detail, since_ms=since_ms)

    def about(self, account: str, rule: str, subject: str, since_ms: int, limit: int) -> list[Alert]:
        """At most `limit` alerts of the same rule about the same subject, whatever sets them apart; the newest first."""
        rows = self._connection.rows(_ABOUT, account=account, rule=rule, subject=subject, since_ms=since_ms, limit=limit)
        return [self._value(row) for row in rows]

    def newest(self, account: str, status: str, before: str, limit: int) -> list[Alert]:
        """At most `limit` of the account with ids below `before`, the youngest first; of one status, or of any ("")."""
        return [self._value(row) for row in self._connection.rows(_NEWEST, account=account, status=status, before=before, limit=limit)]

    def replace(self, alert: Alert) -> bool:
        """What changes about an alert is as in `alert` from now on."""
        return self._replace(_REPLACE, alert)

    def trim(self, account: str, most: int = MOST) -> int:
        """Deletes all but the newest `most` of the account. How many there were."""
        return self._connection.run(_TRIM, account=account, most=most)
