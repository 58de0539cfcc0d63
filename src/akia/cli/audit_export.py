"""`akia audit export`: the event history as files. An export that was interrupted goes on where it was."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from akia.cli import event_history, options
from akia.cli.event_filter import Filter, filters
from akia.cli.export_progress import Progress
from akia.cli.export_targets import CloudTrailFiles, JsonLines
from akia.cli.own_service import connection
from akia.cli.printing import bar, counted

if TYPE_CHECKING:
    from pathlib import Path

    import rich.progress

    from akia.cli.event_history import History, Said

HISTORY = timedelta(days=90)
STEP = 1_000
"""So many events are written at once; what is interrupted begins again behind the last step."""


@click.command()
@click.argument("target", type=options.PATH)
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "cloudtrail"]), default="jsonl", show_default=True,
    help="One file with a record a line, or a directory of gzip files as CloudTrail delivers them.",
)  # fmt: skip
@filters
@event_history.since
@event_history.until
@click.option("--quiet", is_flag=True, help="No progress bar.")
@connection
def export(
    target: Path, form: str, since: Said | None, until: Said | None, quiet: bool,
    data: Path | None, aws_profile: str | None, **wanted: Any,
) -> None:  # fmt: skip
    """Write the events of the last 90 days to TARGET, newest first. Asks the running akia.

    Called again after an interruption, with the same options, it goes on where it was.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    asked = {"format": form, "since": since and since.text, "until": until and until.text} | wanted
    start, end = event_history.period(since, until)
    kind = JsonLines if form == "jsonl" else CloudTrailFiles
    progress = Progress.of(target, asked, start or now - HISTORY, end or now)
    try:
        with event_history.history(data, aws_profile) as history, closing(kind(target, progress.written)) as files:
            _copy(history, Filter(**wanted), progress, files, hidden=quiet)
            files.finish()
        progress.done()
    except KeyboardInterrupt:
        raise click.ClickException(f"interrupted after {counted(progress.count, 'event')}: the same command goes on from there") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or target} cannot be written: {error.strerror}") from error
    click.echo(f"{target} has {counted(progress.count, 'event')}")


def _copy(history: History, wanted: Filter, progress: Progress, files: JsonLines | CloudTrailFiles, *, hidden: bool) -> None:
    """Write what is missing, a step at a time. The bar runs through the period, since nobody knows how many events there are."""
    seen = set(progress.seen)
    events = (found for found in history.events(wanted, progress.since, progress.end) if found.id not in seen)
    with _bar(hidden) as shown:
        task = shown.add_task("", total=(progress.until - progress.since).total_seconds())
        while step := list(islice(events, STEP)):
            progress.advance(step, files.write(step))
            done = (progress.until - progress.end).total_seconds()
            shown.update(task, completed=done, description=f"{progress.count} events, back to {progress.end:%Y-%m-%d %H:%M}")


def _bar(hidden: bool) -> rich.progress.Progress:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

    return bar(BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), hidden=hidden)
