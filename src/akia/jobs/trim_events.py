"""Once in ten minutes: events that are older than the operator wants to keep, in steps that let requests pass in between."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.store.store import Store
    from akia.store.writer import Batch

EVERY_SECONDS = 600.0
STEP_EVENTS = 200
PAUSE_SECONDS = 0.02
DAY_MS = 86_400_000

log = logging.getLogger("akia.jobs")


class TrimEvents:
    """`days` is how long events are kept; 0 is for ever. `do` runs a piece of work in a shared write transaction, so that of several
    workers each deletes what the others have left; `reader` is a store to look with; `first` is awaited before anything is removed: it sees
    to it that everybody who is to go through the events has begun; `clock` answers epoch seconds."""

    def __init__(
        self,
        days: int,
        reader: Store,
        do: Callable[[Callable[[Batch], Any]], Awaitable[Any]],
        first: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._days = days
        self._reader = reader
        self._do = do
        self._first = first
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; at once done if events are kept for ever. A store that cannot be written is tried again."""
        while self._days:
            try:
                await self._first()
                await self.once()
            except ServiceUnavailable as error:
                log.warning("old events are not removed: %s", error.detail or error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> int:
        """One round: everything that is too old now. How many events that were."""
        before_ms, removed = int(self._clock() * 1000) - self._days * DAY_MS, 0
        for account in [account.id for account in self._reader.accounts.all()] if self._days else ():
            done = STEP_EVENTS
            while done == STEP_EVENTS:
                done = await self._do(partial(_trim, account, before_ms))
                removed += done
                await asyncio.sleep(PAUSE_SECONDS if done else 0)
        return removed


def _trim(account: str, before_ms: int, batch: Batch) -> int:
    return batch.store.event_retention.trim(account, before_ms, STEP_EVENTS)
