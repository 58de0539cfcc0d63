"""Once a second: copy the journals into the database, and tell of the unverified calls that were only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.jobs.periodic import Periodic
from akia.store.indexer import BATCH

if TYPE_CHECKING:
    from akia.jobs.periodic import Do
    from akia.pipeline.record import Recorder
    from akia.store.indexer import Indexer
    from akia.store.store import Store

CHANGES_KEPT = 10_000


class IndexJournals(Periodic):
    """The journals keep what a store that cannot be written has missed."""

    every = 1.0
    trouble = "journals are not indexed"

    def __init__(self, indexer: Indexer, recorder: Recorder, reader: Store, do: Do) -> None:
        super().__init__(reader, do)
        self._indexer = indexer
        self._recorder = recorder
        self._trimmed = 0

    async def once(self) -> None:
        """One round: everything that waits, in steps that let requests pass in between."""
        surplus = self._recorder.surplus(self._clock())
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
