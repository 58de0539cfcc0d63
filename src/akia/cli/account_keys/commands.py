"""`akia keys list`, `audit`, `unused`, and `akia report`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from akia.cli import options
from akia.cli.account_keys import page, records, tables
from akia.cli.account_keys.connection import FINE, FOUND, Failed, anywhere, connect, readable_errors
from akia.cli.account_keys.findings import RULES, SEVERITIES, Limits, find
from akia.cli.account_keys.gathering import gather, last_use
from akia.cli.account_keys.inventory import ROOT
from akia.cli.account_keys.remedies import Remedies
from akia.cli.printing import printable, to_json
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from akia.cli.account_keys.connection import Connection, Where
    from akia.cli.account_keys.findings import Finding
    from akia.cli.account_keys.inventory import Inventory, Key

_OUTPUT = click.option("--output", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="In which form.")
_JSON = click.option("--json", "as_json", is_flag=True, help="The same as --output json.")
_CHECK = click.option("--check", is_flag=True, help="End with exit code 1 if there are findings.")
_DAYS = click.IntRange(0, 36_500)


def _limits(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, default, help_ in reversed(
        [
            ("--max-age", 90, "The age from which a key is a finding of high severity."),
            ("--warn-age", 75, "The age from which it is one of medium severity."),
            ("--unused", 90, "How long unused a key is a finding of high severity."),
            ("--unused-warn", 45, "How long unused it is one of medium severity."),
        ]
    ):
        command = click.option(name, type=_DAYS, default=default, show_default=True, metavar="DAYS", help=help_)(command)
    ignore = click.option("--ignore", type=click.Choice(RULES), multiple=True, metavar="RULE", help="Leave a rule out. May be repeated.")
    severity = click.option("--severity", type=click.Choice(SEVERITIES), default="low", show_default=True, help="Leave out what is less.")
    return ignore(severity(command))


@click.command("list")
@_OUTPUT
@_JSON
@anywhere
def list_(where: Where, output: str, as_json: bool) -> None:
    """List all users' access keys: age, last use, status. On any endpoint that speaks IAM; an akia tells more."""
    with readable_errors():
        connection = connect(where)
        inventory = gather(connection, whole=False)
    _tell_where(connection, inventory)
    _print_keys(inventory, inventory.keys, "json" if as_json else output)


def _print_keys(inventory: Inventory, keys: Sequence[Key], output: str) -> None:
    if output == "json":
        click.echo(to_json([records.of_key(key, inventory.taken) for key in keys]))
    elif output == "csv":
        click.echo(records.as_csv(records.of_key_columns(), [records.of_key(key, inventory.taken) for key in keys]), nl=False)
    else:
        tables.print_keys(inventory, keys)


@click.command()
@_OUTPUT
@_JSON
@_CHECK
@_limits
@anywhere
def audit(where: Where, output: str, as_json: bool, check: bool, **judged: Any) -> None:
    """Find what is not as it should be with access keys, each with the command that mends it. On any endpoint that speaks IAM."""
    connection, inventory, found = _judged(where, **judged)
    _tell_where(connection, inventory)
    form = "json" if as_json else output
    if form == "json":
        click.echo(to_json([records.of_finding(finding) for finding in found]))
    elif form == "csv":
        click.echo(records.as_csv(records.FINDING, [records.of_finding(finding) for finding in found]), nl=False)
    else:
        _print_findings(connection, inventory, found)
    sys.exit(FOUND if check and found else FINE)


@click.command()
@click.option("--output", type=click.Choice(["table", "html", "csv", "json"]), default="table", show_default=True, help="In which form.")
@click.option("--to", "path", type=options.PATH, metavar="FILE", help="Write it into FILE, which its owner alone can read.")
@_CHECK
@_limits
@anywhere
def report(where: Where, output: str, path: Path | None, check: bool, **judged: Any) -> None:
    """Tell all of an account's keys, and what to mend.

    Owner, age, last use, expiry, restrictions, and findings with the command that mends each. On any endpoint that speaks IAM.
    """
    if path is not None and output == "table":
        raise click.UsageError("--to needs --output html, csv or json")
    connection, inventory, found = _judged(where, **judged)
    _tell_where(connection, inventory)
    if output == "table":
        tables.print_keys(inventory)
        click.echo()
        _print_findings(connection, inventory, found)
    else:
        _write(_whole(output, connection, inventory, found), path)
    sys.exit(FOUND if check and found else FINE)


def _whole(output: str, connection: Connection, inventory: Inventory, found: Sequence[Finding]) -> str:
    if output == "html":
        return page.html_page(inventory, found, connection.preamble)
    if output == "csv":
        return records.keys_as_csv(inventory, found)
    return to_json(records.of_report(inventory, found)) + "\n"


def _write(text: str, path: Path | None) -> None:
    if path is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
        return
    try:
        write_private(path, text)
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"{path} is written.", err=True)


def _judged(
    where: Where, max_age: int, warn_age: int, unused: int, unused_warn: int, severity: str, ignore: tuple[str, ...]
) -> tuple[Connection, Inventory, list[Finding]]:
    with readable_errors():
        connection = connect(where)
        inventory = gather(connection, whole=True)
    limits = Limits(max_age, min(warn_age, max_age), unused, min(unused_warn, unused))
    worst = SEVERITIES[: SEVERITIES.index(severity) + 1]
    found = [each for each in find(inventory, Remedies.of(connection), limits) if each.severity in worst and each.rule not in ignore]
    return connection, inventory, found


def _print_findings(connection: Connection, inventory: Inventory, found: Sequence[Finding]) -> None:
    tables.print_findings(found)
    tables.print_sum(inventory, found)
    if found and connection.preamble:
        click.echo(f"The commands of `aws` find this account after\n  {connection.preamble}", err=True)


def _tell_where(connection: Connection, inventory: Inventory) -> None:
    for line in (connection.title, *inventory.notes):
        click.echo(line, err=True)


@click.command()
@click.option("--days", type=click.IntRange(1, 36_500), default=90, show_default=True, help="For how long nobody has used them.")
@click.option("--deactivate", is_flag=True, help="Make them inactive, after a question. Without a terminal nothing happens unless --yes.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_OUTPUT
@_CHECK
@anywhere
def unused(where: Where, days: int, deactivate: bool, yes: bool, output: str, check: bool) -> None:
    """List active keys that nobody uses, and make them inactive if you say so. On any endpoint that speaks IAM."""
    if yes and not deactivate:
        raise click.UsageError("--yes is for --deactivate")
    with readable_errors():
        connection = connect(where)
        inventory = gather(connection, whole=False)
    idle = [key for key in inventory.keys if key.active and key.idle_days(inventory.taken) >= days]
    _tell_where(connection, inventory)
    _print_keys(inventory, idle, output)
    if deactivate and idle:
        _deactivate(connection, inventory, idle, yes)
    sys.exit(FOUND if check and idle else FINE)


def _deactivate(connection: Connection, inventory: Inventory, idle: Sequence[Key], yes: bool) -> None:
    """A key that was used meanwhile, the root user's, and the one that signs stay."""
    if not yes and not _agreed(len(idle)):
        click.echo("Nothing was changed. --yes does it without a question.", err=True)
        return
    iam, remedies, failed = connection.client("iam"), Remedies.of(connection), 0
    for key in idle:
        try:
            told = _switch_off(iam, connection, key)
        except Failed as error:
            told, failed = error.message, failed + 1
        click.echo(f"{key.access_key_id} of {printable(key.user)}: {told}", err=True)
        if told == _OFF:
            click.echo(f"  back: {remedies.activate(key)}", err=True)
    if failed:
        raise Failed(f"{failed} of {len(idle)} keys could not be made inactive")


_OFF = "inactive now"


def _switch_off(iam: Any, connection: Connection, key: Key) -> str:
    if key.user == ROOT:
        return "stays: only the root user can change it"
    if key.access_key_id == connection.own_key:
        return "stays: it signs these calls"
    with readable_errors():
        now = last_use(iam, key.access_key_id)
        if now is not None and (key.used is None or now.time > key.used.time):
            return "stays: it was used meanwhile"
        iam.update_access_key(UserName=key.user, AccessKeyId=key.access_key_id, Status="Inactive")
    return _OFF


def _agreed(count: int) -> bool:
    """Whether somebody at a terminal agrees; the answer is no unless it is yes."""
    return sys.stdin.isatty() and click.confirm(
        f"Make {'this key' if count == 1 else f'these {count} keys'} inactive?", default=False, err=True
    )
