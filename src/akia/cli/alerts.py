"""`akia alerts`: what the rules have found, and whether the channels work."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from akia.cli import options
from akia.cli.event_line import printable
from akia.cli.own_service import connection, given, own_service, pages

if TYPE_CHECKING:
    from pathlib import Path

_ID = click.argument("alert_id", metavar="ID")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def alerts() -> None:
    """Look at alerts on suspicious use."""


@alerts.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that nobody has acknowledged.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@_JSON
@connection
def list_(only_open: bool, limit: int, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """List alerts, the youngest first. Asks the running akia."""
    with own_service(data, aws_profile) as akia:
        found = pages(akia.list_alerts, "Alerts", limit, **given(Status="OPEN" if only_open else None))
    if as_json:
        click.echo(_json(found))
    elif not found:
        click.echo("there are no alerts")
    for each in () if as_json else found:
        click.echo(f"{each['LastTime']:%Y-%m-%d %H:%M:%S}  {each['Severity']:8}  {each['Rule']}{_times(each)}{_seen(each)}")
        click.echo(f"    {each['Summary']}\n    alert {each['AlertId']}")


@alerts.command()
@_ID
@_JSON
@connection
def show(alert_id: str, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """Tell all of one alert. Asks the running akia."""
    with own_service(data, aws_profile) as akia:
        alert = akia.get_alert(AlertId=alert_id)["Alert"]
    if as_json:
        click.echo(_json(alert))
        return
    click.echo(alert["Summary"])
    for name, value in alert.items():
        if name not in ("Summary", "EventIds"):
            click.echo(printable(f"{name}: {value}"))
    for event in alert["EventIds"]:
        click.echo(f"event {event}")


@alerts.command()
@_ID
@click.option("--note", metavar="TEXT", help="What you have found.")
@connection
def ack(alert_id: str, note: str | None, data: Path | None, aws_profile: str | None) -> None:
    """Note that you have seen an alert. Asks the running akia."""
    with own_service(data, aws_profile) as akia:
        alert = akia.acknowledge_alert(AlertId=alert_id, **given(Note=note))["Alert"]
    click.echo(f"{alert['AlertId']} is acknowledged by {alert['AcknowledgedBy']}.")


@alerts.command()
@click.argument("channel_name", metavar="CHANNEL")
@click.option("--alerts-file", type=options.PATH, required=True, envvar="AKIA_ALERTS_FILE", metavar="FILE", help="The file of `akia up`.")
@click.option(
    "--outbound-allowed-network",
    "allowed_networks",
    multiple=True,
    envvar="AKIA_OUTBOUND_ALLOWED_NETWORKS",
    metavar="NETWORK",
    help="As for `akia up`. May be repeated.",
)
def test(channel_name: str, alerts_file: Path, allowed_networks: tuple[str, ...]) -> None:
    """Send a test message through CHANNEL, from here and now."""
    from akia.alerts_out import AlertsFileError, NotSent, channel, read, test_message

    settings = options.settings(alerts_file=alerts_file, outbound_allowed_networks=allowed_networks)
    try:
        found = read(alerts_file)
    except AlertsFileError as error:
        raise click.UsageError(str(error)) from error
    goal = found.channel(channel_name)
    if goal is None:
        raise click.UsageError(f"{alerts_file} has no channel {channel_name}; it has {', '.join(c.name for c in found.channels) or 'none'}")
    try:
        channel(goal, settings.outbound_allowed_networks).send(test_message(time.time()))
    except NotSent as error:
        raise click.ClickException(f"the message was not taken: {error}") from error
    click.echo(f"{channel_name} has taken a test message.")


def _times(alert: Any) -> str:
    return f", {alert['Count']} times" if alert["Count"] > 1 else ""


def _seen(alert: Any) -> str:
    return f", acknowledged by {alert['AcknowledgedBy'].rpartition(':')[2]}" if "AcknowledgedBy" in alert else ""


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, default=lambda moment: moment.isoformat())
