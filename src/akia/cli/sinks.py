"""`akia sinks`: how the places stand that events are sent to, and the end of one that is no more."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from akia.authority.operator import Operator
from akia.cli import options
from akia.installation import Installation, InstallationError, existing
from akia.jobs.known_sinks import SinkFiles, Trouble, configured, reader_of, sinks_of
from akia.store.feed import Slots
from akia.store.indexer import to_payload
from akia.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from akia.store.store import Store

SENDING, FAILING, WAITING, LEFT = "sending", "failing", "nobody ships for it", "not configured"


class Standing(NamedTuple):
    """How a sink stands. `position` is None if it has never begun; `oldest_ms` is when the oldest event happened that waits for it."""

    name: str
    state: str
    position: int | None
    lag_events: int
    oldest_ms: int | None
    trouble: Trouble | None


@click.group()
def sinks() -> None:
    """Look after the sinks that events are sent to."""


@sinks.command("list")
@options.data
@options.master_key_file
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool, **values: Any) -> None:
    """List every sink that is configured, or once was: whether it takes events, how many wait for it, and what went wrong last.

    Needs the data directory and the master key.
    """
    settings = options.settings(**values)
    installation = existing(settings.data)
    with closing(installation.open_store(settings, os.environ)) as store:
        found = list(standings(store, installation.sinks))
    if as_json:
        click.echo(json.dumps([_told(each) for each in found], indent=1))
    elif not found:
        click.echo("there are no sinks")
    for each in () if as_json else found:
        click.echo("\n    ".join([f"{each.name}  {each.state}", *_lines(each)]))


@sinks.command()
@options.data
@options.master_key_file
@click.argument("name")
def forget(name: str, **values: Any) -> None:
    """Forget where the sink NAME stands, which has been taken out of the file of sinks.

    Events that it has not been sent are not kept for it any more. Safe while akia runs; needs the data directory and the master key.
    """
    settings = options.settings(**values)
    installation = existing(settings.data)
    files = SinkFiles(installation.sinks, name)
    _require_left(installation, name)
    with closing(installation.open_store(settings, os.environ)) as store, closing(Slots(installation.feed)) as slots:
        if name not in sinks_of(store):
            raise InstallationError(f"there is no sink {name}: `akia sinks list` names them")
        lock = files.lock()
        try:
            if not lock.take():
                raise InstallationError(f"a running akia sends events to {name}: take it out of the file of sinks, and reload that akia")
            _forget(Writer(store, slots), installation, name)
            files.forget()
        finally:
            lock.release()
    click.echo(f"{name} is forgotten.")


def standings(store: Store, directory: Path) -> Iterator[Standing]:
    """How every known sink stands, by name."""
    positions, names, newest = sinks_of(store), _configured(directory) or [], store.event_stream.newest()
    for name in sorted({*positions, *names}):
        files, position = SinkFiles(directory, name), positions.get(name)
        trouble = files.trouble()
        waiting = store.event_stream.after(position, 1) if position is not None else []
        oldest_ms = waiting[0].event.at_ms if waiting else None
        lag = newest - position if position is not None else 0
        yield Standing(name, _state(files, trouble, is_configured=name in names), position, max(0, lag), oldest_ms, trouble)


def _state(files: SinkFiles, trouble: Trouble | None, *, is_configured: bool) -> str:
    if files.is_held():
        return FAILING if trouble is not None and not trouble.is_over else SENDING
    return WAITING if is_configured else LEFT


def _require_left(installation: Installation, name: str) -> None:
    """Raises InstallationError if the akia of the latest start knows the sink, or if nobody knows what that akia knows."""
    names = _configured(installation.sinks)
    if names is None:
        raise InstallationError("which sinks are configured is not known before this akia has been started once")
    if name in names:
        raise InstallationError(f"{name} is configured: take it out of the file of sinks, and reload or start akia first")


def _configured(directory: Path) -> list[str] | None:
    try:
        return configured(directory)
    except (OSError, ValueError) as error:
        raise InstallationError(f"which sinks are configured cannot be read in {directory}: {error}") from None


def _forget(writer: Writer, installation: Installation, name: str) -> None:
    event = Operator(installation.account, "akia sinks forget").did("ForgetSink", {"sinkName": name}, service="akia")
    with writer.alone() as batch, batch.operation() as store:
        store.event_stream.forget(reader_of(name))
        store.outbox.add(to_payload(event))


def _lines(sink: Standing) -> Iterator[str]:
    if sink.position is None:
        yield "it has never begun"
    elif sink.oldest_ms is None:
        yield "nothing waits"
    else:
        yield f"{sink.lag_events} events wait, the oldest from {_moment(sink.oldest_ms / 1000)}"
    if sink.trouble is not None:
        when = (
            f"it failed at {_moment(sink.trouble.since)}, and has taken events since"
            if sink.trouble.is_over
            else (f"it fails since {_moment(sink.trouble.since)}")
        )
        yield f"{when}: {sink.trouble.text}"


def _told(sink: Standing) -> dict[str, Any]:
    """A sink as JSON has it."""
    trouble = sink.trouble
    return {
        "name": sink.name,
        "state": sink.state,
        "lagEvents": sink.lag_events,
        "oldest": _moment(sink.oldest_ms / 1000) if sink.oldest_ms is not None else None,
        "lastError": {"text": trouble.text, "since": _moment(trouble.since), "over": trouble.is_over} if trouble is not None else None,
    }


def _moment(epoch: float) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%SZ}"
