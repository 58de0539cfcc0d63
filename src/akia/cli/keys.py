"""`akia keys list`: who has which keys, how old they are, and when they were last used. Asked of the server, like any other client."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from akia.cli import options, profile
from akia.installation import InstallationError, existing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEVER = "N/A"
"""What AWS answers for the service and region of a key that was never used."""


class Key(NamedTuple):
    """One access key. Times are aware; the last three are None if it was never used."""

    user: str
    access_key_id: str
    status: str
    created: datetime
    last_used: datetime | None
    service: str | None
    region: str | None


@click.group()
def keys() -> None:
    """Look at access keys."""


@keys.command("list")
@options.data
@click.option("--profile", "aws_profile", metavar="NAME", help="Use this profile of your own AWS files, not the one in the data directory.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(data: Path | None, aws_profile: str | None, as_json: bool) -> None:
    """List all users' access keys: age, last use, status. Asks the running akia."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = list(all_keys(_client(data, aws_profile)))
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([key._asdict() for key in found], default=datetime.isoformat, indent=1))
    else:
        _print_table(found, datetime.now(UTC))


def _client(data: Path | None, aws_profile: str | None) -> Any:
    """An IAM client. Raises InstallationError if the data directory has no profile."""
    import boto3

    if aws_profile is not None:
        return boto3.Session(profile_name=aws_profile).client("iam")
    installation = existing(options.settings(data=data).data)
    known = profile.read(installation.profile)
    if known is None:
        raise InstallationError(f"there is no profile {installation.profile}: name one of your own with --profile")
    session = boto3.Session(known.key.access_key_id, known.key.secret_access_key, region_name=profile.REGION)
    return session.client("iam", endpoint_url=known.endpoint, verify=str(known.ca_bundle) if known.ca_bundle is not None else None)


def all_keys(iam: Any) -> Iterator[Key]:
    """Every key of every user, by user. `iam` is a boto3 client; raises what it raises."""
    for page in iam.get_paginator("list_users").paginate():
        for user in page["Users"]:
            for keys_page in iam.get_paginator("list_access_keys").paginate(UserName=user["UserName"]):
                for key in keys_page["AccessKeyMetadata"]:
                    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
                    yield Key(
                        user["UserName"],
                        key["AccessKeyId"],
                        key["Status"],
                        key["CreateDate"],
                        used.get("LastUsedDate"),
                        _unless_never(used["ServiceName"]),
                        _unless_never(used["Region"]),
                    )


def _unless_never(text: str) -> str | None:
    return None if text == _NEVER else text


def _print_table(found: list[Key], now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("User", "Access key", "Status", "Age", "Last used", "For", box=None, pad_edge=False, header_style="bold")
    for key in found:
        used = f"{_span(now - key.last_used)} ago" if key.last_used is not None else "never"
        style = None if key.status == "Active" else "dim"
        table.add_row(
            key.user,
            key.access_key_id,
            key.status,
            _span(now - key.created),
            used,
            f"{key.service} in {key.region}" if key.service else "",
            style=style,
        )
    Console().print(table)


def _span(length: timedelta) -> str:
    """A length of time in its largest unit: `3 d`, `5 h`, `12 min`, `8 s`."""
    seconds = max(0, int(length.total_seconds()))
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
