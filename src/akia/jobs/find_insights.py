"""Insights: calls are counted as their events come in, and once a minute is over its counts are compared with the days before.

What is found is written with the files that tell trails of it, and with how far the counts were looked at, in one transaction: so each
insight begins once and ends once, whatever is interrupted and however many workers look.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from akia.identity.trail_delivery import INSIGHT, TrailFile, TrailLane
from akia.jobs.insight_changes import Examination, told
from akia.jobs.insight_counts import READER, analysing, count_step
from akia.jobs.periodic import Periodic
from akia.jobs.trail_logs import Reach, filed_in
from akia.trail.log_file import INSIGHTS, log_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.identity.insight import InsightEvent, InsightWatch
    from akia.identity.trail import Trail
    from akia.jobs.insight_changes import Change
    from akia.store.store import Store
    from akia.store.writer import Batch

SETTLED_SECONDS = 60
"""How long after its end a minute's events may still come in: journals are indexed once a second."""
KEPT_MINUTES = 90 * 24 * 60
"""How long counts and Insights events are kept: as long as they can be asked for."""
PAUSE_SECONDS = 0.005


class FindInsights(Periodic):
    every = 15.0
    trouble = "insights wait"

    async def once(self) -> None:
        """One round: what has come in is counted, and minutes that are over are looked at."""
        trails = analysing(self._reader)
        watches = self._reader.insight_watches.all()
        if not trails:
            await self._stop(watches)
            return
        if self._reader.event_stream.position(READER) is None:
            await self._do(_begin)
        now = int(self._clock())
        step = count_step(self._reader, trails)
        while step is not None and await self._do(step.enter):
            await asyncio.sleep(PAUSE_SECONDS)
            step = count_step(self._reader, trails)
        for watch in self._reader.insight_watches.all():
            await self._examine(watch, trails, (now - SETTLED_SECONDS) // 60 - 1, now)

    async def _stop(self, watches: Sequence[InsightWatch]) -> None:
        """Nobody wants insights any more: what comes is not counted, and whoever wants them again begins to learn anew."""
        if watches or self._reader.event_stream.position(READER) is not None:
            await self._do(lambda batch: _forget(batch.store, watches))

    async def _examine(self, watch: InsightWatch, trails: Sequence[Trail], until: int, now: int) -> None:
        while watch.examined < until:
            examination = Examination(self._reader, watch, until)
            if not examination.is_worth_writing:
                return
            events = await asyncio.to_thread(self._told, examination.changes) if examination.changes else []
            if not await self._do(partial(_enter, examination=examination, events=events, trails=trails, now=now)):
                return
            watch = examination.after
            await asyncio.sleep(PAUSE_SECONDS)

    def _told(self, changes: Sequence[Change]) -> list[InsightEvent]:
        """Their events, read on a connection of their own."""
        store = self._reader.another()
        try:
            return [told(store, change) for change in changes]
        finally:
            store.close()


def _begin(batch: Batch) -> bool:
    batch.store.event_stream.advance(READER, batch.store.event_stream.newest())
    return True


def _forget(store: Store, watches: Sequence[InsightWatch]) -> bool:
    store.event_stream.forget(READER)
    for watch in watches:
        store.insight_watches.delete(watch.account)
        store.call_minutes.forget(watch.account, 2**62)
        for insight in store.insights.open(watch.account):
            store.insights.delete(insight.series)
    return True


def _enter(batch: Batch, *, examination: Examination, events: Sequence[InsightEvent], trails: Sequence[Trail], now: int) -> bool:
    """Write what an examination has found, unless another worker has done so meanwhile."""
    store, account = batch.store, examination.before.account
    if store.insight_watches.get(account) != examination.before:
        return False
    store.insight_watches.put(examination.after)
    for change in examination.changes:
        if change.insight.series not in examination.open:
            store.insights.delete(change.insight.series)
    for insight in examination.open.values():
        store.insights.put(insight)
    for event in events:
        store.insight_events.add(event)
    for trail in trails:
        _deliver(store, trail, [event for event in events if trail.analyses(event.kind)], now)
    oldest = examination.after.examined - KEPT_MINUTES
    store.call_minutes.forget(account, oldest)
    store.insight_events.forget(account, oldest * 60_000)
    return True


def _deliver(store: Store, trail: Trail, events: Sequence[InsightEvent], now: int) -> None:
    """Put those that `trail` is to be told of on their way, in a file for each account and region."""
    reach = Reach(store, trail)
    reached: dict[tuple[str, str], list[InsightEvent]] = {}
    for event in events:
        if reach.organization(event.account) is not None and (trail.multi_region or event.region == trail.region):
            reached.setdefault((event.account, filed_in(trail, event.region)), []).append(event)
    for (account, region), found in reached.items():
        made = log_file(reach.lane(account, region), [event.record for event in found], now, INSIGHTS)
        times = [event.at_ms // 1000 for event in found]
        store.trail_lanes.add(TrailLane(trail.id, account, region))
        store.trail_files.add(
            TrailFile(
                trail=trail.id, account=account, region=region, kind=INSIGHT, written=now, bucket=made.bucket, key=made.key,
                body=made.compressed, hash=made.hash, oldest=min(times), newest=max(times),
            )
        )  # fmt: skip
