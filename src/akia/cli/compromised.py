"""`akia compromised`: contain an access key that has leaked, and keep what it has done."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from akia.cli import endpoint, options, revoking
from akia.cli.own_service import connection, given
from akia.cli.printing import counted
from akia.cli.revoking import OnIam

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"


@click.command()
@click.argument("key_id", metavar="KEY")
@click.option("--replace", is_flag=True, help="Open a key in its place; its secret is printed now, and never again.")
@click.option("--timeline", type=options.PATH, metavar="FILE", help="Write all that was done with the key and to it into the new FILE.")
@click.option("--note", metavar="TEXT", help="What is known of the leak.")
@connection
def compromised(key_id: str, replace: bool, timeline: Path | None, note: str | None, data: Path | None, aws_profile: str | None) -> None:
    """Contain KEY, which has leaked, at once: the key, its sessions, its user.

    Asks the running akia, or with --profile whatever speaks IAM, AWS itself included.
    """
    with endpoint.readable_errors():
        clients = endpoint.clients(data, aws_profile)
    failed: list[str] = []
    akia = None
    with _noted(failed):
        akia = revoking.own_service_of(clients)
        if akia is None or not _reported(akia, key_id, replace, note):
            akia = None
            _by_hand(clients("iam"), key_id, replace, failed)
    if timeline is not None:
        with _noted(failed):
            events = _timeline(akia, key_id) if akia is not None else _looked_up(clients("cloudtrail"), key_id)
            click.echo(f"{timeline} has {counted(_written(timeline, key_id, events), 'event')}")
    if failed:
        raise click.ClickException("; ".join(failed))


def _reported(akia: Any, key_id: str, replace: bool, note: str | None) -> bool:
    """False if the caller may not do that."""
    from botocore.exceptions import ClientError

    try:
        told = akia.report_compromised_key(AccessKeyId=key_id, **given(Note=note, OpenReplacement=replace or None))
    except ClientError as error:
        if not revoking.is_denial(error):
            raise
        return False
    report = told["Report"]
    whose = report.get("UserName", "the root user")
    click.echo(f"{key_id} of {whose} is inactive, and its sessions have ended (report {report['ReportId']})")
    if "QuarantinePolicyArn" in report:
        click.echo(f"{whose} is under {report['QuarantinePolicyArn']}, and its sessions have ended")
    if "ReplacementRefused" in report:
        click.echo(f"no key was opened in its place: {report['ReplacementRefused']}")
    if "Replacement" in told:
        _show(told["Replacement"])
    return True


def _by_hand(iam: Any, key_id: str, replace: bool, failed: list[str]) -> None:
    """One step after the other, each whatever became of those before."""
    user = revoking.user_of(iam, key_id)
    with _noted(failed):
        iam.update_access_key(UserName=user, AccessKeyId=key_id, Status="Inactive")
        click.echo(f"{key_id} of {user} is inactive")
    with _noted(failed):
        iam.attach_user_policy(UserName=user, PolicyArn=_QUARANTINE)
        click.echo(f"{user} is under {_QUARANTINE}")
    with _noted(failed):
        click.echo(OnIam(iam).sessions_of_user(user))
    if replace:
        with _noted(failed):
            _show(iam.create_access_key(UserName=user)["AccessKey"])


def _show(key: Any) -> None:
    click.echo(f"in its place: {key['AccessKeyId']}\nits secret, shown only now: {key['SecretAccessKey']}")


def _timeline(akia: Any, key_id: str) -> Iterator[Any]:
    for page in akia.get_paginator("get_key_timeline").paginate(AccessKeyId=key_id):
        yield from page["Events"]


def _looked_up(cloudtrail: Any, key_id: str) -> Iterator[Any]:
    """What CloudTrail has of the key itself: 90 days at AWS, one region, and not of its sessions."""
    click.echo("CloudTrail's event history tells of the key itself, in this region, for 90 days; not of its sessions", err=True)
    asked = [{"AttributeKey": "AccessKeyId", "AttributeValue": key_id}]
    for page in cloudtrail.get_paginator("lookup_events").paginate(LookupAttributes=asked):
        yield from (json.loads(event["CloudTrailEvent"]) for event in page["Events"])


def _written(path: Path, key_id: str, events: Iterator[Any]) -> int:
    """How many events were written, a JSON line each, the latest first. Evidence is not overwritten, and only its owner may read it."""
    number = 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            for number, event in enumerate(events, 1):  # noqa: B007  # the count is what is told
                file.write(json.dumps(event, default=_moment) + "\n")
    except OSError as error:
        raise click.ClickException(f"the timeline of {key_id} cannot be written to {path}: {error.strerror}") from error
    return number


def _moment(value: Any) -> str:
    return str(value.isoformat())


@contextmanager
def _noted(failed: list[str]) -> Iterator[None]:
    """What goes wrong inside is told at the end: nothing of what remains to be done waits for it."""
    try:
        with endpoint.readable_errors():
            yield
    except click.ClickException as error:
        failed.append(error.message)
