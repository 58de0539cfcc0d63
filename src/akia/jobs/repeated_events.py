"""Reads that repeat others: the same caller asks for the same from the same place with the same client, a thousand times a minute. Most
rules have seen all of that before; so only those are asked that heed repetitions (`Rule.heeds_repetition`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from akia.alerts import Known, Sighting
    from akia.store.trail.event_row import EventRow

FRESH_MS = 60_000
"""For how long an event stands for those that repeat it: habits are remembered to the hour, so they must be told now and then."""
MOST = 20_000
_LIMIT = '"limit":{'
"""A call that has used nearly the last of a limit is like no other."""


class Seen(NamedTuple):
    """What was made of an event, and how often its actor had changed then."""

    sighting: Sighting
    known: Known
    changes: int


class RepeatedEvents:
    """Valid as long as nobody else has changed what rules remember, and nothing what is known of keys."""

    def __init__(self) -> None:
        self._valid = (0, 0)
        self._seen: dict[str, Seen] = {}
        self._changes: dict[str, int] = {}

    def begin(self, memory: int, facts: int) -> None:
        """Before a step: how often the memory of rules has begun anew, and the latest change of the store."""
        if (memory, facts) != self._valid or len(self._seen) > MOST:
            self._valid = memory, facts
            self._seen.clear()
            self._changes.clear()

    def find(self, signature: str | None, at_ms: int) -> Seen | None:
        """What an event like this was, if nothing about its actor was new since."""
        seen = self._seen.get(signature) if signature is not None else None
        if seen is None or abs(at_ms - seen.sighting.at_ms) > FRESH_MS or seen.changes != self._changes.get(seen.sighting.actor, 0):
            return None
        return seen

    def keep(self, signature: str | None, sighting: Sighting, known: Known, *, was_new: bool) -> None:
        """`was_new`: whether a rule that does not heed repetitions has found something in it, or has something to remember of it."""
        actor = sighting.actor
        if was_new:
            self._changes[actor] = self._changes.get(actor, 0) + 1
        elif signature is not None:
            self._seen[signature] = Seen(sighting, known, self._changes.get(actor, 0))


def signature_of(event: EventRow) -> str | None:
    """Everything of a successful read that rules look at but its time, as it stands in its record: who, and how and from where. None for
    what is to be looked at in whole. No text in a record holds a quotation mark that is not escaped."""
    if event.error_code or not (event.verified and event.read_only):
        return None
    record = event.record
    if _LIMIT in record:
        return None
    who = record.find('"eventTime":')
    how = record.find('"eventSource":', who)
    end = record.find('"requestParameters":', how)
    return f"{event.account} {event.access_key_id} {record[:who]}{record[how:end]}" if 0 < who < how < end else None
