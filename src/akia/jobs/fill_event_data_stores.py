"""Event data stores take their events from the stream, in the order in which these came in, and let go of them when they are too old.

Each store is a reader of the stream with a position of its own, which moves in the transaction that adds the events.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from akia.identity.event_data_store import LakeEvent
from akia.identity.lake_query import KEPT_SECONDS
from akia.jobs.event_context import told
from akia.jobs.periodic import Periodic
from akia.jobs.reached_accounts import ReachedAccounts
from akia.store.trail.events import END_OF_TIME
from akia.trail.selectors import Selectable, selects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from akia.identity.event_data_store import EventDataStore
    from akia.jobs.periodic import Clock, Do
    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow
    from akia.store.writer import Batch

TRIM_SECONDS = 300
STEP_EVENTS, STEP_QUERIES = 500, 10
PAUSE_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class FillStep:
    """What a store takes of the events after the number `before`, up to and with `after`."""

    store: EventDataStore
    before: int
    after: int
    events: Sequence[LakeEvent]

    def enter(self, batch: Batch) -> bool:
        """Keep them, unless another worker has done so meanwhile."""
        stream = batch.store.event_stream
        if stream.position(self.store.reader) != self.before:
            return False
        batch.store.lake_events.add(self.store.id, self.events)
        stream.advance(self.store.reader, self.after)
        return True


def fill_step(reader: Store, store: EventDataStore) -> FillStep | None:
    """The next step of `store`; None if it has seen every event that there is."""
    before = reader.event_stream.position(store.reader)
    rows = reader.event_stream.after(before, STEP_EVENTS) if before is not None else []
    if before is None or not rows:
        return None
    reached = ReachedAccounts(reader, store.account, organization=store.organization)
    wanted = [row.event for row in rows if wants(store, reached, row.event)]
    taken = [LakeEvent(event.event_id, event.at_ms, told(event, store.configuration)) for event in wanted]
    return FillStep(store, before, rows[-1].number, taken)


def wants(store: EventDataStore, reached: ReachedAccounts, event: EventRow) -> bool:
    """Whether the event is one for the store."""
    return (
        store.takes_at(event.at_ms)
        and (store.multi_region or event.region == store.region)
        and reached.organization(event.account) is not None
        and selects({"AdvancedEventSelectors": store.selectors}, Selectable(event.name, event.source, event.read_only, event.record))
    )


class FillEventDataStores(Periodic):
    """Of several workers each does the steps that the others have left."""

    every = 5.0
    trouble = "event data stores wait"

    def __init__(self, reader: Store, do: Do, clock: Clock = time.time) -> None:
        super().__init__(reader, do, clock)
        self._trimmed_at = 0.0

    async def once(self) -> None:
        """One round: what has come in is taken, and now and then what is too old is let go."""
        await self.fill(self._reader.event_data_stores.all())
        if self._clock() - self._trimmed_at >= TRIM_SECONDS:
            self._trimmed_at = self._clock()
            await self.trim()

    async def fill(self, stores: Iterable[EventDataStore]) -> None:
        """Everything that is in the stream now, in steps that let requests pass in between."""
        for store in stores:
            while (step := fill_step(self._reader, store)) is not None:
                await self._do(step.enter)
                await asyncio.sleep(PAUSE_SECONDS)

    async def trim(self) -> None:
        """What is too old goes: events, queries, and stores whose time to be restored is over."""
        now = int(self._clock())
        for store in self._reader.event_data_stores.all():
            await self._all(partial(_trim_events, store.id, now))
            if store.is_over(now):
                await self._do(partial(_forget, store.id, now))
        await self._all(lambda batch: batch.store.lake_queries.trim(now - KEPT_SECONDS, STEP_QUERIES), STEP_QUERIES)

    async def _all(self, step: Callable[[Batch], int], most: int = STEP_EVENTS) -> None:
        """Steps of `step`, which takes `most` things, until one has found less."""
        done = most
        while done >= most:
            done = await self._do(step)
            await asyncio.sleep(PAUSE_SECONDS)


def _trim_events(store_id: str, now: int, batch: Batch) -> int:
    """By what the store is at this very moment: it may be restored, or keep its events for longer than it did."""
    store = batch.store.event_data_stores.get(store_id)
    if store is None:
        return 0
    return batch.store.lake_events.trim(store_id, END_OF_TIME if store.is_over(now) else store.kept_from_ms(now), STEP_EVENTS)


def _forget(store_id: str, now: int, batch: Batch) -> None:
    """Unless it was restored in this very moment."""
    store = batch.store.event_data_stores.get(store_id)
    if store is not None and store.is_over(now):
        batch.store.event_stream.forget(store.reader)
        batch.store.trail_resource_policies.delete(str(store.arn))
        batch.store.event_data_stores.delete(store.id)
