"""`akia limits`: how often anything may be called, and how much of that is used up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from akia.cli.own_service import connection, given, own_service, pages
from akia.cli.printing import json_option, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_MOST = 10_000
_EACH = "each"
_SUBJECTS = {"key": "KEY", "principal": "PRINCIPAL", "address": "ADDRESS"}


def _subject(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name one limit."""
    for option in (
        click.option("--address", metavar=f"NETWORK|{_EACH}", help="Of the addresses of a network, each by itself."),
        click.option("--principal", metavar=f"ARN|{_EACH}", help="Of a user with all keys, or of a role with all sessions."),
        click.option("--key", metavar=f"ID|{_EACH}", help="Of an access key."),
        click.option("--action", metavar="ACTION", help="Of everybody's calls of an action, or of a whole service (iam:*) together."),
    ):
        command = option(command)
    return command


@click.group()
def limits() -> None:
    """Limit how often anything may be called. Asks the running akia."""


@limits.command("list")
@click.option("--all", "everything", is_flag=True, help="AWS's published rates too that nobody has used lately.")
@json_option
@connection
def list_(everything: bool, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """List the limits of the account, and how much of each is used up."""
    with own_service(data, aws_profile) as akia:
        found = pages(akia.list_limits, "Limits", _MOST)
    shown = [each for each in found if everything or each["Source"] != "AWS" or each.get("UsedPercent") or each["ThrottledCount"]]
    if as_json:
        click.echo(to_json(shown))
        return
    for each in shown:
        click.echo(_line(each))
    if len(shown) < len(found):
        click.echo(f"{len(found) - len(shown)} published rates of AWS are not in use; --all shows them")
    elif not found:
        click.echo("there are no limits")


@limits.command("set")
@_subject
@click.option("--rate", type=float, metavar="N", help="So many requests a second.")
@click.option("--burst", type=int, metavar="N", help="So many at once.  [default: a second's worth]")
@click.option("--daily", type=int, metavar="N", help="So many requests a day (UTC), of a key.")
@connection
def set_(rate: float | None, burst: int | None, daily: int | None, data: Path | None, aws_profile: str | None, **named: str | None) -> None:
    """Set a limit, or change one. It counts from the next request on."""
    limit = _named(named)
    with own_service(data, aws_profile) as akia:
        told = akia.put_limit(**limit, **given(Rate=rate, Burst=burst, DailyBudget=daily))["Limit"]
    click.echo(_line(told))


@limits.command()
@_subject
@connection
def remove(data: Path | None, aws_profile: str | None, **named: str | None) -> None:
    """Remove a limit that was set."""
    limit = _named(named)
    with own_service(data, aws_profile) as akia:
        akia.delete_limit(**limit)
    click.echo("removed")


def _named(options: Mapping[str, str | None]) -> dict[str, str]:
    """The members that name a limit."""
    told = {name: value for name, value in options.items() if value is not None}
    if len(told) != 1:
        raise click.UsageError("name one of --action, --key, --principal and --address")
    ((name, value),) = told.items()
    if name == "action":
        return {"Scope": "ACCOUNT_OPERATION", "Action": value}
    return {"Scope": _SUBJECTS[name]} | ({"Subject": value} if value != _EACH else {})


def _line(limit: Mapping[str, Any]) -> str:
    of = limit.get("Action") or limit.get("Subject") or _EACH
    rate = f"{limit['Rate']:g}/s, {limit['Burst']} at once" if "Rate" in limit else ""
    budget = f"{limit['DailyBudget']} a day" if "DailyBudget" in limit else ""
    used = f"{limit['UsedPercent']} % used" if "UsedPercent" in limit else ""
    today = f"{limit['UsedToday']} today" if "UsedToday" in limit else ""
    away = f"{limit['ThrottledCount']} turned away" if limit["ThrottledCount"] else ""
    return f"{limit['Scope']:17}  {of}: {', '.join(filter(None, (rate, budget, used, today, away)))} ({limit['Source']})"
