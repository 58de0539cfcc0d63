"""What every sink is, and the two ways in which a delivery fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.trail.event_row import EventRow


class Limits(NamedTuple):
    """The most that one delivery may hold. `bytes` are those of the records in UTF-8.

    A record that becomes a string inside JSON may double, when every character of it must be escaped: a sink that does so allows half of
    what its other side takes.
    """

    events: int
    bytes: int


class Undelivered(Exception):
    """The other side has not confirmed a delivery: it is to be tried again, after `retry_after` seconds if it has named a time.

    The text is for the log: it names the host and what went wrong, never a secret or an event.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Refused(Exception):
    """The other side will never take this delivery as it is: too large, or something in it that it cannot read. The text is for the log."""


class Sink(Protocol):
    """One place that events are sent to. Blocks; is used by one thread at a time."""

    @property
    def limits(self) -> Limits: ...

    def send(self, events: Sequence[EventRow]) -> int:
        """Deliver `events`, at least one. Returns, once the other side has confirmed them, how many of them it says it has thrown away (0
        where there is no such word). Raises Undelivered, Refused."""
        ...
