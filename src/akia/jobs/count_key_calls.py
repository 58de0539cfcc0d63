"""Once a second: add what access keys have called to their histories, event by event in the order in which they came in.

Sums and position are written in one transaction, so that every event counts once, whichever worker counts it and whatever is interrupted.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from akia.identity.key_calls import HOURS_KEPT, SECONDS_AN_HOUR
from akia.jobs.periodic import Periodic
from akia.store.trail.key_calls import READER

if TYPE_CHECKING:
    from akia.jobs.periodic import Clock, Do
    from akia.store.store import Store

STEP_EVENTS = 400
PAUSE_SECONDS = 0.005
FORGET_SECONDS = 3_600.0


class CountKeyCalls(Periodic):
    every = 1.0
    trouble = "calls of keys are not counted"

    def __init__(self, reader: Store, do: Do, clock: Clock = time.time) -> None:
        super().__init__(reader, do, clock)
        self._forgotten = 0.0

    async def once(self) -> None:
        """Everything that there is to count, with pauses for requests that wait."""
        stream = self._reader.event_stream
        while stream.newest() > (stream.position(READER) or 0):
            await self._do(lambda batch: step(batch.store))
            await asyncio.sleep(PAUSE_SECONDS)
        now = self._clock()
        if now - self._forgotten >= FORGET_SECONDS:
            self._forgotten = now
            await self._do(lambda batch: batch.store.key_calls.forget_hours(int(now) // SECONDS_AN_HOUR - HOURS_KEPT))


def step(store: Store, most: int = STEP_EVENTS) -> bool:
    """Counts up to `most` events inside the write transaction that is open on `store`. Whether there were any."""
    position = store.event_stream.position(READER) or 0
    upto = store.event_stream.behind(position, most)
    if upto is None:
        return False
    store.key_calls.add(store.key_calls.sums(position, upto))
    store.event_stream.advance(READER, upto)
    return True
