"""Counting calls for insights: those that trails with insights log, by the minute."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.identity.insight import CALL_RATE, ERROR_RATE, InsightWatch, Series
from akia.jobs.trail_logs import Reach, wants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.trail import Trail
    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow
    from akia.store.writer import Batch

READER = "insights"
STEP_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class CountStep:
    """What the events after the number `before`, up to and with `after`, add to the counts of series and minutes."""

    before: int
    after: int
    counts: Mapping[tuple[Series, int], int]

    def enter(self, batch: Batch) -> bool:
        """Write it, unless another worker has done so meanwhile. An account that is new is watched from its first call on."""
        store = batch.store
        if store.event_stream.position(READER) != self.before:
            return False
        for account in sorted({series.account for series, _ in self.counts}):
            if store.insight_watches.get(account) is None:
                first = min(minute for series, minute in self.counts if series.account == account)
                store.insight_watches.put(InsightWatch(account, first, first - 1))
        store.call_minutes.add(self.counts)
        store.event_stream.advance(READER, self.after)
        return True


def analysing(store: Store) -> list[Trail]:
    """The trails that want insights."""
    return [trail for trail in store.trails.all() if trail.analyses(CALL_RATE) or trail.analyses(ERROR_RATE)]


def count_step(store: Store, trails: list[Trail]) -> CountStep | None:
    """The next step; None if every event that there is was counted, or counting has not begun."""
    before = store.event_stream.position(READER)
    rows = store.event_stream.after(before, STEP_EVENTS) if before is not None else []
    if before is None or not rows:
        return None
    counts: Counter[tuple[Series, int]] = Counter()
    reaches = [(trail, Reach(store, trail)) for trail in trails]
    for row in rows:
        logging = [trail for trail, reach in reaches if row.event.verified and wants(trail, reach, row.event)]
        counts.update((series, row.event.at_ms // 60_000) for series in _counted(row.event, logging))
    return CountStep(before, rows[-1].number, counts)


def _counted(event: EventRow, logging: list[Trail]) -> Iterator[Series]:
    """Changes are counted for the rate of calls, and every call that failed for the rate of its error; as somebody wants to know."""
    if not event.read_only and any(trail.analyses(CALL_RATE) for trail in logging):
        yield Series(event.account, event.region, event.source, event.name)
    if event.error_code and any(trail.analyses(ERROR_RATE) for trail in logging):
        yield Series(event.account, event.region, event.source, event.name, event.error_code)
