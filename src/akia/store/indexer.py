"""The indexer: copies the events of journals and outbox to where they are looked up, exactly once.

Any process may run it. It works inside a write transaction, which moves a segment's position together with the events; should a process
die in between, nothing is lost and nothing is doubled, since events are unique by their id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from akia.store.journal import JournalReader
    from akia.store.store import Store

BATCH = 512
"""Events per step, so that a long backlog does not hold up the requests that wait."""


def to_payload(row: EventRow) -> bytes:
    """An event as it stands in a journal: its columns as one JSON list, its record and its decision as they are. JSON never holds a NUL."""
    columns = (*row[:_RECORD], *row[_DECISION + 1 :])
    return b"\0".join((orjson.dumps(columns), row.record.encode(), row.decision.encode()))


def from_payload(payload: bytes) -> EventRow:
    """The event of a journal's payload."""
    columns, record, decision = payload.split(b"\0")
    *first, resources = orjson.loads(columns)
    return EventRow._make([*first, record.decode(), decision.decode(), tuple((kind, name) for kind, name in resources)])


_RECORD, _DECISION = EventRow._fields.index("record"), EventRow._fields.index("decision")


class Indexer:
    """Moves events from the journals in one directory to the store it is given."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self.moved = 0
        """How many events this indexer has moved."""

    def is_behind(self, store: Store) -> bool:
        """Whether the outbox or some journal holds an event that is not in its place yet."""
        return bool(store.outbox.first(1)) or any(
            self._reader.unread(segment, store.journals.position(segment.name), 1)[0] for segment in self._reader.segments()
        )

    def oldest(self, store: Store) -> int | None:
        """The time, in epoch milliseconds, of the oldest event that is not in its place yet; None if all are."""
        waiting = [payload for _, payload in store.outbox.first(1)]
        for segment in self._reader.segments():
            waiting += self._reader.unread(segment, store.journals.position(segment.name), 1)[0]
        return min((from_payload(payload).at_ms for payload in waiting), default=None)

    def step(self, store: Store, most: int = BATCH) -> int:
        """Index up to `most` events inside the write transaction that is open on `store`. How many there were; less than `most` means:
        that is all."""
        done = self._step(store, most)
        self.moved += done
        return done

    def _step(self, store: Store, most: int) -> int:
        done = _empty_outbox(store, most)
        if done >= most:
            return done
        for segment in self._reader.segments():
            position = store.journals.position(segment.name)
            payloads, behind = self._reader.unread(segment, position, most - done)
            if payloads:
                store.events.add([from_payload(payload) for payload in payloads])
                store.journals.advance(segment.name, behind)
                done += len(payloads)
                if done >= most:
                    return done
            elif self._reader.remove_if_finished(segment, position):
                store.journals.forget(segment.name)
        return done


def _empty_outbox(store: Store, most: int) -> int:
    """Move the events of changes."""
    waiting = store.outbox.first(most)
    if waiting:
        store.events.add([from_payload(payload) for _, payload in waiting])
        store.outbox.remove(waiting[-1][0])
    return len(waiting)
