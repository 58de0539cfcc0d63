"""`akia tail`: the events as they happen."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from akia.cli import event_history
from akia.cli.event_filter import Filter, filters
from akia.cli.event_line import line
from akia.cli.own_service import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from akia.cli.event_history import Found, History

OVERLAP = timedelta(seconds=10)
"""So late may an event of another worker come in and still be told."""
FIRST = timedelta(days=1)
"""So far back the first lines are looked for."""


@click.command()
@filters
@click.option("-n", "--lines", type=click.IntRange(0, 1_000), default=10, show_default=True, help="Begin with so many past events.")
@click.option("--every", type=click.FloatRange(0.2, 3_600), default=1.0, show_default=True, metavar="SECONDS", help="How often to look.")
@click.option("--json", "as_json", is_flag=True, help="Print each record as one line of JSON.")
@connection
def tail(lines: int, every: float, as_json: bool, data: Path | None, aws_profile: str | None, **wanted: Any) -> None:
    """Watch the calls as they come in, until Ctrl-C. Asks the running akia."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    with event_history.history(data, aws_profile) as history:
        try:
            for found in follow(history, Filter(**wanted), lines, lambda: time.sleep(every)):
                if as_json:
                    click.echo(found.text)
                else:
                    console.print(line(found))
        except KeyboardInterrupt:
            return


def follow(history: History, wanted: Filter, lines: int, pause: Callable[[], None]) -> Iterator[Found]:
    """The last `lines` events, then all that come, oldest first and each once; between two looks `pause`.

    Looking leaves events too: those are not told. While akia does not answer, there is nothing to tell.
    """
    past, told = _past(history, wanted, lines)
    yield from reversed(past)
    while True:
        pause()
        new = _new(history, wanted, told)
        told |= {found.id: found.at for found in new}
        told = {id_: at for id_, at in told.items() if at >= history.newest - OVERLAP}
        yield from reversed(new)


def _past(history: History, wanted: Filter, lines: int) -> tuple[list[Found], dict[str, datetime]]:
    """The last `lines` events, newest first; and all that the first look will find again."""
    now = datetime.now(UTC)
    past: list[Found] = []
    told: dict[str, datetime] = {}
    for found in history.events(wanted, now - FIRST):
        if len(past) >= lines and found.at < history.newest - OVERLAP:
            break
        told[found.id] = found.at
        if len(past) < lines:
            past.append(found)
    return past, told


def _new(history: History, wanted: Filter, told: Mapping[str, datetime]) -> list[Found]:
    """What has come since, newest first."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    try:
        looked = list(history.events(wanted, history.newest - OVERLAP))
    except (NoConnection, HTTPClientError):
        return []
    return [found for found in looked if found.id not in told and found.record["requestID"] not in history.own]
