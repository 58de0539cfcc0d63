"""How far trails have come with each account and region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.trail_delivery import DIGEST, TrailLane
from akia.store.core import deliveries, insert_once, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.identity.trail_delivery import TrailFile
    from akia.store.connection import Connection, Value

_COLUMNS = (
    "trail", "account", "region", "digested_until", "previous", "delivered", "attempted", "delivery_error", "digest_delivered",
    "digest_error",
)  # fmt: skip


def _lane() -> Any:
    t = deliveries.trail_lanes.c
    return sa.and_(t.trail == p("of"), t.account == p("whose"), t.region == p("where"))


def _update(*names: str, **also: str) -> Any:
    values: dict[str, Any] = {name: p(f"new_{name}") for name in names} | {name: sa.literal_column(text) for name, text in also.items()}
    return sa.update(deliveries.trail_lanes).where(_lane()).values(values)


_ADD = Query("trail_lanes.add", lambda: insert_once(deliveries.trail_lanes, "trail", "account", "region"))
_OF = Query(
    "trail_lanes.of",
    lambda: (
        sa.select(*(deliveries.trail_lanes.c[name] for name in _COLUMNS))
        .where(deliveries.trail_lanes.c.trail == p("trail"))
        .order_by(deliveries.trail_lanes.c.account, deliveries.trail_lanes.c.region)
    ),
)
_CHAIN = Query(
    "trail_lanes.chain",
    lambda: _update("digested_until", "previous").where(deliveries.trail_lanes.c.digested_until == p("old_digested_until")),
)
_DELIVERED = Query("trail_lanes.delivered", lambda: _update("delivered", "attempted", delivery_error="''"))
_FAILED = Query("trail_lanes.failed", lambda: _update("attempted", "delivery_error"))
_DIGEST_DELIVERED = Query("trail_lanes.digest_delivered", lambda: _update("digest_delivered", digest_error="''"))
_DIGEST_FAILED = Query("trail_lanes.digest_failed", lambda: _update("digest_error"))
_FORGET = Query("trail_lanes.forget", lambda: sa.delete(deliveries.trail_lanes).where(deliveries.trail_lanes.c.trail == p("trail")))


class TrailLanes:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, lane: TrailLane) -> None:
        """Does nothing if it is there."""
        self._connection.run(_ADD, **{name: getattr(lane, name) for name in _COLUMNS})

    def of(self, trail: str) -> list[TrailLane]:
        """Those of the trail with this id, by account and region."""
        return [TrailLane(*row) for row in self._connection.rows(_OF, trail=trail)]

    def chain(self, before: TrailLane, until: int, previous: str) -> bool:
        """Writes how far its digests go, and the link to the last. Whether it was done: not if somebody else has done so meanwhile."""
        old: dict[str, Value] = {
            "of": before.trail,
            "whose": before.account,
            "where": before.region,
            "old_digested_until": before.digested_until,
        }
        return self._connection.run(_CHAIN, **old, new_digested_until=until, new_previous=previous) > 0

    def delivered(self, file: TrailFile, now: int) -> None:
        """Notes that `file` has arrived."""
        if file.kind == DIGEST:
            self._connection.run(_DIGEST_DELIVERED, **_of(file), new_digest_delivered=now)
        else:
            self._connection.run(_DELIVERED, **_of(file), new_delivered=now, new_attempted=now)

    def failed(self, file: TrailFile, now: int, error: str) -> None:
        """Notes why `file` has not arrived."""
        if file.kind == DIGEST:
            self._connection.run(_DIGEST_FAILED, **_of(file), new_digest_error=error)
        else:
            self._connection.run(_FAILED, **_of(file), new_attempted=now, new_delivery_error=error)

    def forget(self, trail: str) -> None:
        """Deletes those of the trail with this id."""
        self._connection.run(_FORGET, trail=trail)


def _of(file: TrailFile) -> dict[str, str]:
    return {"of": file.trail, "whose": file.account, "where": file.region}
