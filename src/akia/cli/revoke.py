"""`akia revoke`: end one key, all of a user, all that are too old, or the sessions of a role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from akia.cli import endpoint, revoking
from akia.cli.own_service import connection
from akia.cli.revoking import Ending, Key, OnAkia, OnIam

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@click.command()
@click.argument("key_id", metavar="[KEY]", required=False)
@click.option("--all-of", "user", metavar="USER", help="All keys and sessions of USER.")
@click.option(
    "--older-than", "days", type=click.IntRange(0, 36_500), metavar="DAYS", help="All keys older than DAYS; with --all-of, of USER only."
)
@click.option("--sessions-of-role", "role", metavar="ROLE", help="All sessions of ROLE, whoever has taken them.")
@click.option("--yes", is_flag=True, help="Do not ask, if several keys are meant.")
@connection
def revoke(
    key_id: str | None, user: str | None, days: int | None, role: str | None, yes: bool, data: Path | None, aws_profile: str | None
) -> None:
    """End keys and sessions. Keys are made inactive, and can be made active again.

    Asks the running akia, or with --profile whatever speaks IAM, AWS itself included.
    """
    if sum(each is not None for each in (key_id, role)) + (user is not None or days is not None) != 1:
        raise click.UsageError("name KEY, --all-of USER, --older-than DAYS (or both of these), or --sessions-of-role ROLE")
    with endpoint.readable_errors():
        clients = endpoint.clients(data, aws_profile)
        iam, akia = clients("iam"), revoking.own_service_of(clients)
        ending: Ending = OnAkia(akia, iam) if akia is not None else OnIam(iam)
        if role is not None:
            click.echo(ending.sessions_of_role(role))
            return
        own = revoking.own_key(clients("sts"))
        if key_id is not None:
            _end(iam, ending, Key(revoking.user_of(iam, key_id), key_id, active=True, created=datetime.now(UTC)), own)
            return
        keys = list(_meant(iam, user, days, own))
        if not (yes or len(keys) < 2):
            click.confirm(f"End {len(keys)} keys: {', '.join(f'{key.id} of {key.user}' for key in keys)}?", abort=True, err=True)
        for key in keys:
            _deactivate(iam, key)
        if user is not None and days is None:
            click.echo(ending.sessions_of_user(user))
        elif not keys:
            click.echo("no key is meant")
        else:
            _tell(ending.sessions_of_keys(keys))


def _meant(iam: Any, user: str | None, days: int | None, own: str) -> Iterator[Key]:
    """Active keys but for the one that signs, which is told."""
    before = datetime.now(UTC) - timedelta(days=days or 0)
    for key in revoking.keys_of(iam, user) if user is not None else revoking.keys_of_everybody(iam):
        if not key.active or key.created > before:
            continue
        if key.id == own:
            click.echo(f"{key.id} of {key.user} is left alone: it signs this command's calls. Name it to end it", err=True)
        else:
            yield key


def _end(iam: Any, ending: Ending, key: Key, own: str) -> None:
    """The key first, so that it makes no more sessions; one's own last, for it is needed for the other."""
    if key.id != own:
        _deactivate(iam, key)
    _tell(ending.sessions_of_keys([key]))
    if key.id == own:
        _deactivate(iam, key)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _deactivate(iam: Any, key: Key) -> None:
    iam.update_access_key(UserName=key.user, AccessKeyId=key.id, Status="Inactive")
    click.echo(f"{key.id} of {key.user} is inactive")
