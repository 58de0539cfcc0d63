"""What one worker tells of itself when it is asked for its metrics."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

import akia
from akia.metrics.exposition import Sample
from akia.metrics.requests import THROTTLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akia.authority.authority import Authority
    from akia.jobs.ship_events import ShipEvents
    from akia.metrics.requests import RequestCounts
    from akia.pipeline.record import Recorder
    from akia.store.indexer import Indexer
    from akia.store.store import Store

_STARTED = time.time()
_PAGE_BYTES = resource.getpagesize()


class Figures:
    """Belongs to the thread that serves. Making them costs a few reads of the store."""

    def __init__(
        self,
        requests: RequestCounts,
        recorder: Recorder,
        indexer: Indexer,
        authority: Authority,
        store: Store,
        shipping: ShipEvents,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._requests = requests
        self._recorder = recorder
        self._indexer = indexer
        self._authority = authority
        self._store = store
        self._shipping = shipping
        self._clock = clock

    def samples(self) -> Iterator[Sample]:
        """Everything. Raises ServiceUnavailable if the store cannot be read."""
        now = self._clock()
        oldest_ms = self._indexer.oldest(self._store)
        yield Sample("akia_info", (("version", akia.__version__),), 1)
        yield from self._requests.samples()
        yield Sample("akia_throttled_total", (), self._requests.total(THROTTLED))
        yield from self._of_limits()
        yield Sample("akia_events_recorded_total", (), self._recorder.made)
        yield Sample("akia_events_indexed_total", (), self._indexer.moved)
        yield Sample("akia_journal_lag_seconds", (), max(0.0, now - oldest_ms / 1000) if oldest_ms else 0)
        yield Sample("akia_credentials_cached", (), self._authority.cached_credentials)
        yield from self._of_sinks(now)
        yield from _of_this_process()

    def _of_limits(self) -> Iterator[Sample]:
        limits = self._authority.limits
        for scope, refused in limits.limiter.refused.items():
            yield Sample("akia_limit_refusals_total", (("scope", scope),), refused)
        for scope, use in limits.limiter.fullest(limits.clock()):
            yield Sample("akia_limit_use_ratio", (("scope", scope),), use)

    def _of_sinks(self, now: float) -> Iterator[Sample]:
        for sink in self._shipping.figures(now):
            labels = (("sink", sink.name),)
            yield Sample("akia_sink_sent_events_total", labels, sink.sent)
            yield Sample("akia_sink_failures_total", labels, sink.failures)
            yield Sample("akia_sink_refused_events_total", labels, sink.refused)
            yield Sample("akia_sink_up", labels, not sink.is_failing)
            yield Sample("akia_sink_lag_events", labels, sink.lag_events)
            yield Sample("akia_sink_lag_seconds", labels, sink.lag_seconds)


def _of_this_process() -> Iterator[Sample]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield Sample("process_cpu_seconds_total", (), used.ru_utime + used.ru_stime)
    yield Sample("process_start_time_seconds", (), _STARTED)
    try:
        yield Sample("process_resident_memory_bytes", (), int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES)
        yield Sample("process_open_fds", (), len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - names are all that is counted
    except OSError:  # not Linux
        return
