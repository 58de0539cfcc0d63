"""`akia audit search`: what has happened, in a table or as JSON."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from akia.cli import event_history
from akia.cli.event_filter import Filter, filters
from akia.cli.event_line import STYLES, about, outcome, who
from akia.cli.own_service import connection
from akia.cli.printing import print_table, printable

if TYPE_CHECKING:
    from pathlib import Path

    from akia.cli.event_history import Found, Said


@click.command()
@filters
@event_history.since
@event_history.until
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many events at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as a list in JSON.")
@connection
def search(
    since: Said | None, until: Said | None, limit: int, as_json: bool, data: Path | None, aws_profile: str | None, **wanted: Any
) -> None:
    """Find calls of the last 90 days, newest first. Asks the running akia."""
    start, end = event_history.period(since, until)
    with event_history.history(data, aws_profile) as history:
        found = list(islice(history.events(Filter(**wanted), start, end), limit))
    if as_json:
        click.echo(json.dumps([each.record for each in found], indent=1))
    elif not found:
        click.echo("no such event")
    else:
        _print_table(found)


def _print_table(found: list[Found]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("Time (UTC)", "Outcome", "Call", "Who", "Access key", "From", "About", box=None, pad_edge=False, header_style="bold")
    for each in found:
        ended = outcome(each)
        called = f"{each.event['EventSource'].removesuffix('.amazonaws.com')}:{each.event['EventName']}"
        cells = (called, who(each), each.event.get("AccessKeyId", "-"), each.record["sourceIPAddress"], about(each))
        table.add_row(f"{each.at:%Y-%m-%d %H:%M:%S}", Text(ended, STYLES[ended]), *(Text(printable(cell)) for cell in cells))
    print_table(table)
