"""What principals have used, according to the decisions that stand beside the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.store.core import limited, p, sa, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

    from akia.store.connection import Connection

EVENTS = 100_000
"""The newest events of a principal that are looked at."""


class Use(NamedTuple):
    """An action on a resource (an ARN or `*`), allowed or not, and when it was last asked for (epoch milliseconds) and where."""

    action: str
    resource: str
    allowed: bool
    last_ms: int
    region: str


def _uses() -> Select[tuple[object, ...]]:
    events, index = trail.events.c, trail.event_principals.c
    recent = limited(
        sa.select(events.at_ms, events.region, events.decision)
        .join_from(trail.event_principals, trail.events, events.event_id == index.event_id)
        .where(index.account == p("of"), index.principal >= p("first"), index.principal < p("behind"))
        .where(index.at_ms >= p("since"), index.at_ms <= p("until"))
        .order_by(index.at_ms.desc())
    ).subquery("recent")
    decided = sa.func.json_each(recent.c.decision).table_valued("value", name="decided")
    action: sa.ColumnElement[str] = sa.literal_column("json_extract(decided.value, '$.action')")
    resource: sa.ColumnElement[str] = sa.literal_column("json_extract(decided.value, '$.resources[0]')")
    outcome: sa.ColumnElement[str] = sa.literal_column("json_extract(decided.value, '$.outcome')")
    return (
        sa.select(action, resource, outcome, sa.func.max(recent.c.at_ms), recent.c.region)
        .select_from(sa.join(recent, decided, sa.literal_column("1") == sa.literal_column("1")))
        .group_by(sa.literal_column("1"), sa.literal_column("2"), sa.literal_column("3"))
    )


class ServiceUse(NamedTuple):
    """When any principal of an account last asked for anything of a service, by the prefix of its actions (epoch milliseconds)."""

    service: str
    last_ms: int
    region: str


def _services() -> Select[tuple[object, ...]]:
    events = trail.events.c
    recent = limited(
        sa.select(events.at_ms, events.region, events.decision)
        .where(events.account == p("of"), events.at_ms >= p("since"), events.at_ms <= p("until"))
        .where(events.verified == sa.literal_column("1"))
        .order_by(events.at_ms.desc())
    ).subquery("recent")
    decided = sa.func.json_each(recent.c.decision).table_valued("value", name="decided")
    action: sa.ColumnElement[str] = sa.literal_column("json_extract(decided.value, '$.action')")
    service = sa.func.substr(action, sa.literal_column("1"), sa.func.instr(action, sa.literal_column("':'")) - sa.literal_column("1"))
    caller: sa.ColumnElement[str] = sa.literal_column("json_extract(decided.value, '$.principalArn')")
    return (
        sa.select(service, sa.func.max(recent.c.at_ms), recent.c.region)
        .select_from(sa.join(recent, decided, sa.literal_column("1") == sa.literal_column("1")))
        .where(caller.like(p("theirs")))
        .group_by(sa.literal_column("1"))
    )


_USES = Query("evidence.uses", _uses)
_SERVICES = Query("evidence.services", _services)
_COUNT = Query(
    "evidence.count",
    lambda: (
        sa.select(sa.func.count())
        .select_from(trail.event_principals)
        .where(trail.event_principals.c.account == p("of"))
        .where(trail.event_principals.c.principal >= p("first"), trail.event_principals.c.principal < p("behind"))
        .where(trail.event_principals.c.at_ms >= p("since"), trail.event_principals.c.at_ms <= p("until"))
    ),
)


class Evidence:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def uses(self, account: str, principal_id: str, since_ms: int, until_ms: int, *, sessions: bool = False) -> list[Use]:
        """What the principal asked for from `since_ms` to `until_ms` (both included), in no order, from its newest EVENTS events.

        `sessions`: `principal_id` is a role's, whose sessions have it before a colon.
        """
        first, behind = _range(principal_id, sessions)
        rows = self._connection.rows(_USES, of=account, first=first, behind=behind, since=since_ms, until=until_ms, limit=EVENTS)
        return [Use(action, resource, outcome == "allowed", last, region) for action, resource, outcome, last, region in rows if action]

    def services(self, account: str, since_ms: int, until_ms: int) -> list[ServiceUse]:
        """What the principals of the account asked for, allowed or not, from `since_ms` to `until_ms` (both included), one entry a service,
        from the newest EVENTS events."""
        theirs = f"arn:%:%::{account}:%"
        rows = self._connection.rows(_SERVICES, of=account, since=since_ms, until=until_ms, theirs=theirs, limit=EVENTS)
        return [ServiceUse(*row) for row in rows if row[0]]

    def count(self, account: str, principal_id: str, since_ms: int, until_ms: int, *, sessions: bool = False) -> int:
        """How many events there are of the principal in that period."""
        first, behind = _range(principal_id, sessions)
        return self._connection.count(_COUNT, of=account, first=first, behind=behind, since=since_ms, until=until_ms)


def _range(principal_id: str, sessions: bool) -> tuple[str, str]:
    """The names of the principal, from the first to behind the last in the order of texts."""
    return (f"{principal_id}:", f"{principal_id};") if sessions else (principal_id, f"{principal_id}\0")
