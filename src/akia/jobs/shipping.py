"""One sink's way through the events: which come next, what became of them, how long to wait when they could not be delivered."""

from __future__ import annotations

import logging
import time
from secrets import SystemRandom
from typing import TYPE_CHECKING

from akia.aws.errors import ServiceUnavailable
from akia.jobs.known_sinks import Trouble
from akia.sinks.file import append_lines
from akia.sinks.sink import Refused, Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akia.jobs.known_sinks import SinkFiles
    from akia.jobs.periodic import Clock
    from akia.sinks import Configured, Sink
    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow
    from akia.store.trail.stream import Numbered

PAGE_EVENTS = 50
"""Events that are read at once: what may be in memory beyond a sink's own limits."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
LONGEST_ASKED = 3_600.0
"""Seconds. A sink that asks for more than this with Retry-After is asked again all the same."""
MOST_REFUSED = 10
"""Events refused one after the other, with none taken in between, before the sink itself is taken to be wrong, and waited for."""

log = logging.getLogger("akia.jobs")


_CHANCE = SystemRandom().random
"""A number from 0 to 1."""


class RefusesEverything(Undelivered):
    """The sink itself is wrong: no event is put aside any more."""


class Shipping:
    """Belongs to one thread at a time. `store` is a connection of its own; `files` are told of events that nobody takes, and of trouble.

    One batch is in memory, and stays the same until it is delivered: a repetition repeats the whole of it.
    """

    def __init__(
        self,
        target: Configured,
        store: Store,
        position: int,
        files: SinkFiles,
        chance: Callable[[], float] = _CHANCE,
        clock: Clock = time.time,
    ) -> None:
        self.name = target.name
        self.position = position
        """The last event that is delivered and known to be."""
        self.sent = self.failures = self.refusals = 0
        self.is_failing = False
        self._sink: Sink = target.sink
        self._store = store
        self._files = files
        self._trouble = files.trouble()
        self._chance = chance
        self._clock = clock
        self._batch: list[Numbered] = []
        self._part = 0
        self._in_a_row = MOST_REFUSED if self._refuses_everything() else 0
        self._wait = FIRST_WAIT

    def next(self) -> int | None:
        """Deliver what comes next. The number of the last event that is done with, to be kept; None if there is no event.

        Raises Undelivered, and StoreUnavailable.
        """
        try:
            number = self._next()
        except ServiceUnavailable:
            raise
        except Exception as error:
            self._note(error)
            raise
        if number is not None:
            self._note_end()
        return number

    def _next(self) -> int | None:
        if not self._batch:
            self._batch = gathered(self._store, self.position, self._sink)
            self._part = len(self._batch)
        if not self._batch:
            return None
        while True:
            part = self._batch[: self._part]
            if self._takes([one.event for one in part]):
                del self._batch[: len(part)]
                self._part = len(self._batch)
                self._succeeded()
                return part[-1].number
            self._part = len(part) // 2

    def _refuses_everything(self) -> bool:
        """Whether it did when akia, or the worker before this one, ended."""
        return self._trouble is not None and self._trouble.is_refusal and not self._trouble.is_over

    def _note(self, error: Exception) -> None:
        """Once for each kind of trouble: it may last for days."""
        text = _told(error)
        if self._trouble is None or self._trouble.is_over or self._trouble.text != text:
            self._trouble = Trouble(text, self._clock(), is_over=False, is_refusal=isinstance(error, RefusesEverything))
            self._files.note(self._trouble)

    def _note_end(self) -> None:
        if self._trouble is not None and not self._trouble.is_over:
            self._trouble = self._trouble._replace(is_over=True)
            self._files.note(self._trouble)

    def advanced(self, number: int) -> None:
        """That `number` is done with has been written down."""
        self.position = number

    def _succeeded(self) -> None:
        if self.is_failing:
            log.info("sink %s takes events again", self.name)
        self._wait, self.is_failing = FIRST_WAIT, False

    def failed(self, error: Exception) -> float:
        """The seconds to wait after a failure: twice as long each time, never the same for two sinks, and no shorter than was asked for."""
        if not self.is_failing:
            log.warning("sink %s: %s", self.name, _told(error))
        self.failures += 1
        self.is_failing = True
        wait, self._wait = self._wait * (0.5 + self._chance() / 2), min(self._wait * 2, LONGEST_WAIT)
        asked = error.retry_after if isinstance(error, Undelivered) else None
        return max(wait, min(asked or 0.0, LONGEST_ASKED))

    def _takes(self, events: Sequence[EventRow]) -> bool:
        """Whether these are done with; if not, half of them may be. One event alone that is refused is put aside."""
        try:
            thrown_away = self._sink.send(events)
        except Refused as error:
            if len(events) > 1:
                return False
            self._put_aside(events[0], error)
        else:
            self._in_a_row = 0
            self.sent += len(events) - thrown_away
            self.refusals += thrown_away
            if thrown_away:
                log.error("sink %s has thrown away %d of the %d events from %s on", self.name, thrown_away, len(events), events[0].event_id)
        return True

    def _put_aside(self, event: EventRow, error: Refused) -> None:
        """Note that the sink does not take `event`; it stays in the trail. Raises RefusesEverything if there were too many like it."""
        if self._in_a_row >= MOST_REFUSED:
            raise RefusesEverything(f"{error}, to {MOST_REFUSED} events one after the other: is this the right address?")
        try:
            append_lines(self._files.refused, f"{event.event_id} {error}\n".encode())
        except OSError as failure:
            raise Undelivered(f"{self._files.refused.name} cannot be written: {failure.strerror}") from None
        self._in_a_row += 1
        self.refusals += 1
        log.error("sink %s does not take event %s: %s", self.name, event.event_id, error)


def _told(error: Exception) -> str:
    """Of an exception that is none of a sink's own its type, since its text may quote an event or a secret (NT-67)."""
    return str(error) if isinstance(error, Undelivered) else type(error).__name__


def gathered(store: Store, position: int, sink: Sink) -> list[Numbered]:
    """The events behind `position` that fit into one delivery; the first one, whether it fits or not."""
    limits = sink.limits
    batch: list[Numbered] = []
    room = limits.bytes
    while len(batch) < limits.events:
        asked = min(PAGE_EVENTS, limits.events - len(batch))
        page = store.event_stream.after(position, asked)
        for one in page:
            room -= len(one.event.record.encode())
            if room < 0 and batch:
                return batch
            batch.append(one)
        if len(page) < asked:
            break
        position = page[-1].number
    return batch
