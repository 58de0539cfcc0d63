"""`akia keys describe`, `set` and `tag`: what a key says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from akia.cli.own_service import connection, own_service
from akia.cli.printing import counted, json_option, tell, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEY = click.argument("key", metavar="KEY")
_ATTRIBUTES = ("description", "owner", "purpose", "environment", "ticket")


@click.command()
@_KEY
@json_option
@connection
def describe(key: str, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """Tell all of one key but its secret. Asks the running akia."""
    with own_service(data, aws_profile) as akia:
        told = akia.describe_access_key(AccessKeyId=key)["AccessKey"]
    if as_json:
        click.echo(to_json(told))
        return
    tell(_lines(told))


def _lines(told: Any) -> Iterator[str]:
    whose = told.get("UserName", "the root user")
    yield f"{told['AccessKeyId']} of {whose}, {told['Status'].lower()}, {counted(told['AgeDays'], 'day')} old"
    for name, value in told["Attributes"].items():
        yield f"{name.lower():13}{value}"
    if told["Tags"]:
        tags = [f"{tag['Key']}={tag['Value']}" for tag in told["Tags"]]
        yield f"{'tags':13}{', '.join(tags)}"
    yield f"{'last use':13}{_use(told['LastUse']) if 'LastUse' in told else 'never'}"
    yield f"{'use':13}{counted(told['CallsLastDay'], 'call')} in the last day, {told['DenialsLastDay']} denied"
    if "ExpiresAt" in told:
        yield f"{'ends':13}{told['ExpiresAt']:%Y-%m-%d %H:%M:%S} UTC"


def _use(use: Any) -> str:
    by = f" by {use['UserAgent']}" if "UserAgent" in use else ""
    where = f" from {use['SourceAddress']}" if "SourceAddress" in use else ""
    what = f"{use['Service']}:{use['Action']}" if "Action" in use else use["Service"]
    return f"{use['Time']:%Y-%m-%d %H:%M:%S} UTC, {what} in {use['Region']}{where}{by}"


@click.command("set")
@_KEY
@click.option("--description", metavar="TEXT", help="What the key is.")
@click.option("--owner", metavar="TEXT", help="Who answers for it.")
@click.option("--purpose", metavar="TEXT", help="What it is for.")
@click.option("--environment", metavar="TEXT", help="Where it is used.")
@click.option("--ticket", metavar="TEXT", help="The request that it goes back to.")
@connection
def set_(key: str, data: Path | None, aws_profile: str | None, **said: str | None) -> None:
    """Change what a key says of itself; "" takes an attribute away. Asks the running akia."""
    changed = {name.capitalize(): value for name, value in said.items() if value is not None}
    if not changed:
        raise click.UsageError(f"name what to change: {', '.join(f'--{name}' for name in _ATTRIBUTES)}")
    with own_service(data, aws_profile) as akia:
        now = akia.update_access_key_attributes(AccessKeyId=key, Attributes=changed)["Attributes"]
    tell([f"{key} says: {', '.join(f'{name.lower()} {value}' for name, value in now.items()) or 'nothing'}."])


@click.command()
@_KEY
@click.argument("tags", metavar="NAME=VALUE...", nargs=-1)
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="Take this tag away. May be repeated.")
@connection
def tag(key: str, tags: tuple[str, ...], removed: tuple[str, ...], data: Path | None, aws_profile: str | None) -> None:
    """Add tags to a key, or take some away. Asks the running akia."""
    pairs = [tag.partition("=") for tag in tags]
    if not (pairs or removed) or not all(name and equals for name, equals, _ in pairs):
        raise click.UsageError("tags are given as NAME=VALUE, and taken away with --remove NAME")
    with own_service(data, aws_profile) as akia:
        if pairs:
            akia.tag_access_key(AccessKeyId=key, Tags=[{"Key": name, "Value": value} for name, _, value in pairs])
        if removed:
            akia.untag_access_key(AccessKeyId=key, TagKeys=list(removed))
    click.echo(f"The tags of {key} are changed.")
