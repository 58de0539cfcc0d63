"""Once a second: copy the journals into the database, and tell of the unverified calls that were only counted."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable
from akia.store.indexer import BATCH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.pipeline.record import Recorder
    from akia.store.indexer import Indexer
    from akia.store.store import Store
    from akia.store.writer import Batch

EVERY_SECONDS = 1.0
CHANGES_KEPT = 10_000

log = logging.getLogger("akia.jobs")


class IndexJournals:
    """`do` runs a piece of work in a shared write transaction; `reader` is a store to look with."""

    def __init__(self, indexer: Indexer, recorder: Recorder, reader: Store, do: Callable[[Callable[[Batch], Any]], Awaitable[Any]]) -> None:
        self._indexer = indexer
        self._recorder = recorder
        self._reader = reader
        self._do = do
        self._trimmed = 0

    async def run(self) -> None:
        """Until cancelled. A store that cannot be written is tried again: the journals keep what it missed."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.once()
            except ServiceUnavailable as error:
                log.warning("journals are not indexed: %s", error.detail or error.message)

    async def once(self) -> None:
        """One round: everything that waits, in steps that let requests pass in between."""
        surplus = self._recorder.surplus(time.time())
        if surplus:
            await self._do(lambda batch: batch.store.events.add(surplus))
            self._recorder.surplus_told()
        while self._indexer.is_behind(self._reader):
            if await self._do(lambda batch: self._indexer.step(batch.store)) < BATCH:
                break
        await self._trim()

    async def _trim(self) -> None:
        """Keep the feed of changes short: a process that has missed more than this forgets everything it has cached."""
        changes = self._reader.changes
        if changes.latest() - self._trimmed >= CHANGES_KEPT:
            self._trimmed = changes.latest()
            await self._do(lambda batch: batch.store.changes.trim(CHANGES_KEPT))
