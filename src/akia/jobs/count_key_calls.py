"""Once a second: add what access keys have called to their histories, event by event in the order in which they came in.

Sums and position are written in one transaction, so that every event counts once, whichever worker counts it and whatever is interrupted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable
from akia.identity.key_calls import HOURS_KEPT, SECONDS_AN_HOUR
from akia.store.trail.key_calls import READER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.store.store import Store
    from akia.store.writer import Batch

EVERY_SECONDS = 1.0
STEP_EVENTS = 400
PAUSE_SECONDS = 0.005
FORGET_SECONDS = 3_600.0

log = logging.getLogger("akia.jobs")


class CountKeyCalls:
    """`do` runs a piece of work in a shared write transaction; `reader` is a store to look with; `clock` answers epoch seconds."""

    def __init__(
        self, reader: Store, do: Callable[[Callable[[Batch], Any]], Awaitable[Any]], clock: Callable[[], float] = time.time
    ) -> None:
        self._reader = reader
        self._do = do
        self._clock = clock
        self._forgotten = 0.0

    async def run(self) -> None:
        """Until cancelled. A store that cannot be read or written is tried again."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.once()
            except ServiceUnavailable as error:
                log.warning("calls of keys are not counted: %s", error.detail or error.message)

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
