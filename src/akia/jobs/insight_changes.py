"""What begins and ends to be unusual in an account, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from akia.aws.ids import new_guid
from akia.identity.insight import Insight, InsightEvent, InsightWatch, Series
from akia.store.trail.call_minutes import ATTRIBUTES
from akia.trail import insights

if TYPE_CHECKING:
    from akia.store.store import Store
    from akia.trail.insights import Shares

STEP_COUNTS = 500
"""Series and minutes that are looked at in a step."""
WRITTEN_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Change:
    """An insight that has begun, or come to its end."""

    insight: Insight
    begins: bool


class Examination:
    """A look at one account's counts, from the minute after the last that was `examined` to `until`; or to an earlier one, if they are
    many."""

    def __init__(self, store: Store, watch: InsightWatch, until: int) -> None:
        self._store = store
        self._since = watch.since
        self.before = watch
        self.open = {each.series: each for each in store.insights.open(watch.account)}
        self.changes: list[Change] = []
        rows = store.call_minutes.active(watch.account, watch.examined, until, STEP_COUNTS)
        if len(rows) == STEP_COUNTS and rows[-1][1] > rows[0][1]:
            until = rows[-1][1] - 1  # the last minute may go on: it is for the next step
        elif len(rows) == STEP_COUNTS:
            until = rows[0][1]
            rows = store.call_minutes.active(watch.account, watch.examined, until, 2**31)
        for series, minute, count in rows:
            if minute <= until:
                self._end_before(minute)
                self._see(series, minute, count)
        self._end_before(until + 1)
        self.after = replace(watch, examined=until)
        self._seen = len(rows)

    @property
    def is_worth_writing(self) -> bool:
        """Whether there was anything; that there was nothing is written down once an hour."""
        return bool(self._seen or self.changes) or self.after.examined - self.before.examined >= WRITTEN_MINUTES

    def _see(self, series: Series, minute: int, count: int) -> None:
        going_on = self.open.get(series)
        if going_on is not None:
            if count > going_on.bound:
                self.open[series] = replace(going_on, last=minute)
            return
        if count <= insights.FEWEST:
            return
        baseline = self._baseline(series, minute)
        if insights.unusual(count, baseline):
            made = Insight(series, new_guid(), minute, minute, baseline.bound, baseline.average, baseline.minutes)
            self.open[series] = made
            self.changes.append(Change(made, begins=True))

    def _end_before(self, minute: int) -> None:
        """Ends what was usual again for long enough when `minute` begins."""
        for insight in [each for each in self.open.values() if minute - each.last > insights.QUIET_MINUTES]:
            del self.open[insight.series]
            self.changes.append(Change(insight, begins=False))

    def _baseline(self, series: Series, minute: int) -> insights.Baseline:
        start = max(minute - insights.BASELINE_MINUTES, self._since)
        return insights.Baseline(max(minute - start, 1), *self._store.call_minutes.sums(series, start, minute))


def told(store: Store, change: Change) -> InsightEvent:
    """The event of a change. Reads the events that it is about: not for the thread that serves."""
    insight, series = change.insight, change.insight.series
    end = insight.last + 1
    minutes = end - insight.started
    total = store.call_minutes.sums(series, insight.started, end).total
    measured = insights.Measured(
        total / minutes,
        minutes,
        insight.average,
        insight.minutes,
        _shares(store, series, insight.started, end),
        _shares(store, series, insight.started - insight.minutes, insight.started),
    )
    event_id, at = new_guid(), 60 * (insight.started if change.begins else end)
    subject = insights.Subject(series.account, series.region, series.source, series.name, series.kind, series.error)
    state = "Start" if change.begins else "End"
    record = insights.written(insights.record(subject, measured, state=state, at=at, event_id=event_id, shared_id=insight.id))
    return InsightEvent(event_id, series.account, series.region, at * 1000, series.source, series.name, series.kind, record)


def _shares(store: Store, series: Series, since: int, until: int) -> Shares:
    """Whose calls those were. Of calls that all fail with one error, nobody asks for the error."""
    wanted = [attribute for attribute in ATTRIBUTES if not (series.error and attribute == "errorCode")]
    return {attribute: store.call_minutes.shares(series, attribute, since, until, insights.MOST_VALUES) for attribute in wanted}
