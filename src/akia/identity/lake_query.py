"""Queries of event data stores. Times are in epoch seconds, 0 for never."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400
KEPT_SECONDS = 7 * DAY
"""How long a query and what it has answered can be looked at."""
QUEUED, RUNNING, FINISHED, FAILED, CANCELLED, TIMED_OUT = "QUEUED", "RUNNING", "FINISHED", "FAILED", "CANCELLED", "TIMED_OUT"
ACTIVE = frozenset({QUEUED, RUNNING})
PENDING, SUCCESS = "PENDING", "SUCCESS"


@dataclass(frozen=True, slots=True)
class LakeQuery:
    """`store` is the first of `stores`, the ids of the event data stores that the statement names. `alias` is that of the template which
    the statement was made from, and `refresh` that of a dashboard's refresh which asked for it, "" without one.

    `holder` is the worker that runs it, and `until` says for how long that one may be taken to be alive. The counts are of what was read
    (`scanned` events, `scanned_bytes`) and answered (`rows`). `error` is for the query's author. `delivery` is an URI, `delivery_status`
    how far the delivery has come, both "" without one.
    """

    id: str
    account: str
    region: str
    store: str
    created: int
    statement: str = ""
    stores: tuple[str, ...] = ()
    alias: str = ""
    status: str = QUEUED
    holder: str = ""
    until: int = 0
    columns: tuple[str, ...] = ()
    rows: int = 0
    scanned: int = 0
    scanned_bytes: int = 0
    milliseconds: int = 0
    error: str = ""
    delivery: str = ""
    delivery_status: str = ""
    refresh: str = ""

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_undelivered(self) -> bool:
        """Whether it has results that are to be delivered, and are not yet."""
        return self.status == FINISHED and self.delivery_status == PENDING
