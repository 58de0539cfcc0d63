"""Once in ten minutes: events that are older than the operator wants to keep, in steps that let requests pass in between."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from akia.jobs.periodic import Periodic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.jobs.periodic import Clock, Do
    from akia.store.store import Store
    from akia.store.writer import Batch

STEP_EVENTS = 200
PAUSE_SECONDS = 0.02
DAY_MS = 86_400_000


class TrimEvents(Periodic):
    """`days` is how long events are kept; 0 is for ever. Of several workers each deletes what the others have left. `first` is awaited
    before anything is removed: it sees to it that everybody who is to go through the events has begun."""

    every = 600.0
    trouble = "old events are not removed"
    begins_at_once = True

    def __init__(self, days: int, reader: Store, do: Do, first: Callable[[], Awaitable[None]], clock: Clock = time.time) -> None:
        super().__init__(reader, do, clock)
        self._days = days
        self._first = first

    async def run(self) -> None:
        """Until cancelled; at once done if events are kept for ever."""
        if self._days:
            await super().run()

    async def once(self) -> int:
        """One round: everything that is too old now. How many events that were."""
        await self._first()
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
