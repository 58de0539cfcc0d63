"""The event history, as commands read it: LookupEvents page by page, through AWS's own client."""

from __future__ import annotations

import json
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from akia.cli import endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from akia.cli.event_filter import Filter

PAGE = 50
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Found:
    """An item of LookupEvents, and its record as text and as what it says."""

    event: Mapping[str, Any]
    record: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.event["EventId"])

    @property
    def at(self) -> datetime:
        """To the second, aware."""
        moment: datetime = self.event["EventTime"]
        return moment

    @property
    def text(self) -> str:
        return str(self.event["CloudTrailEvent"])


class History:
    """Reads with `client`, a boto3 client of CloudTrail; raises what it raises. `own` are the request ids of its own latest calls, `newest`
    the time of the newest event that it has seen, meant or not (before the first: of its making)."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.own: deque[str] = deque(maxlen=1_000)
        self.newest = datetime.now(UTC).replace(microsecond=0)

    def events(self, wanted: Filter, start: datetime | None = None, end: datetime | None = None) -> Iterator[Found]:
        """The events that are meant, from `start` to `end` (both included), newest first."""
        asked: dict[str, Any] = {"MaxResults": PAGE, "LookupAttributes": wanted.attributes}
        asked |= {name: value for name, value in (("StartTime", start), ("EndTime", end)) if value is not None}
        while True:
            answer = self._client.lookup_events(**asked)
            self.own.append(answer["ResponseMetadata"]["RequestId"])
            for event in answer["Events"]:
                self.newest = max(self.newest, event["EventTime"])
                record = json.loads(event["CloudTrailEvent"])
                if wanted.admits(event, record):
                    yield Found(event, record)
            if "NextToken" not in answer:
                return
            asked["NextToken"] = answer["NextToken"]


@contextmanager
def history(data: Path | None, aws_profile: str | None) -> Iterator[History]:
    """The history of the running akia. Its refusals end the command with their text."""
    with endpoint.readable_errors():
        yield History(endpoint.clients(data, aws_profile)("cloudtrail"))


class Said(NamedTuple):
    """A time as somebody has written it, and the moment that was meant."""

    text: str
    moment: datetime


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic only in newer click
    """A time as people write it: ISO 8601 (UTC unless it says otherwise), or how long ago, such as `90m`, `2h`, `3d`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Said:
        if isinstance(value, Said):
            return value
        try:
            if value[-1:] in _UNITS and value[:-1].isascii() and value[:-1].isdigit():
                return Said(value, datetime.now(UTC) - timedelta(**{_UNITS[value[-1]]: int(value[:-1])}))
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither a time such as 2026-01-31T12:00:00Z nor a span such as 90m, 2h or 3d", param, ctx)
        return Said(value, moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


since = click.option("--since", type=Moment(), metavar="TIME", help="From when on: a time (ISO 8601, UTC), or a span such as 90m, 2h, 3d.")
until = click.option("--until", type=Moment(), metavar="TIME", help="Until when, in the same way.")


def period(since: Said | None, until: Said | None) -> tuple[datetime | None, datetime | None]:
    """The moments. Raises UsageError if they are the wrong way round."""
    if since is not None and until is not None and since.moment > until.moment:
        raise click.UsageError("--since is later than --until")
    return since and since.moment, until and until.moment
