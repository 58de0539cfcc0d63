"""`akia rotation`: replace an access key without one failed call, and watch how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from akia.cli.own_service import connection, given, own_service, pages
from akia.cli.printing import json_option, tell, to_json
from akia.cli.rotation_progress import lines_of, watch
from akia.cli.user_profile import UserFiles
from akia.rotation_targets import DeliveredKey, NotDelivered, spelled
from akia.rotation_targets.spelled import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from akia.rotation_targets import Target

_MOST = 100_000
_ID = click.argument("rotation_id", metavar="ID")
_WATCH = click.option("--watch", "watching", is_flag=True, help="Tell how it goes on, until it is over.")
_QUIET = click.option(
    "--quiet-hours", type=float, metavar="HOURS", help="How long nobody must have called the old key before it is made inactive."
)
_INACTIVE = click.option(
    "--inactive-hours", type=float, metavar="HOURS", help="How long nobody must have called the inactive key before it is deleted."
)


@click.group()
def rotation() -> None:
    """Replace access keys without one failed call. Asks the running akia."""


@rotation.command()
@click.argument("access_key_id", metavar="KEY")
@click.option("--to", "local", multiple=True, metavar="TARGET", help=f"Put the new key here: {', '.join(KINDS)}. May be repeated.")
@click.option(
    "--target", "named", multiple=True, metavar="NAME", help="Let the server put it into this target of its own. May be repeated."
)
@_QUIET
@_INACTIVE
@_WATCH
@connection
def start(
    access_key_id: str,
    local: tuple[str, ...],
    named: tuple[str, ...],
    quiet_hours: float | None,
    inactive_hours: float | None,
    watching: bool,
    data: Path | None,
    aws_profile: str | None,
) -> None:
    """Make a new key in place of KEY, and put it where the old one is used.

    Without --to and --target the new key is printed, this one time: distribute it, then say so with `akia rotation confirm`.
    """
    if local and named:
        raise click.UsageError("--to is for what this machine reaches, --target for what the server does: give one of them")
    targets = [_target(text) for text in local]
    times = given(QuietHours=quiet_hours, InactiveHours=inactive_hours, Targets=list(named) or None)
    with own_service(data, aws_profile) as akia:
        told = begin(akia, access_key_id, list(zip(local, targets, strict=True)), times, _say if targets or named else _aside)
        if watching:
            watch(akia, told["RotationId"])


def begin(
    akia: Any,
    access_key_id: str,
    targets: Sequence[tuple[str, Target]],
    times: Mapping[str, Any],
    say: Callable[[str], None],
) -> Any:
    """Start a rotation with a client of the service akia: the new key goes to `targets` of this machine, to the server's if `times` name
    some, or is printed. What the service tells of the rotation."""
    started = akia.start_key_rotation(AccessKeyId=access_key_id, **times)
    told = started["Rotation"]
    say(f"rotation {told['RotationId']}: {told['NewAccessKeyId']} is to take the place of {told['OldAccessKeyId']}")
    if targets:
        _distribute(akia, told, started["NewAccessKey"], targets, say)
    elif "Targets" not in times:
        _print_key(told, started["NewAccessKey"])
    return told


@rotation.command()
@_ID
@_WATCH
@json_option
@connection
def show(rotation_id: str, watching: bool, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """Tell how far a rotation has come, how it came there, and who still calls the key that is to leave."""
    with own_service(data, aws_profile) as akia:
        told = akia.get_key_rotation(RotationId=rotation_id)
        del told["ResponseMetadata"]
        if as_json:
            click.echo(to_json(told))
        else:
            tell(lines_of(told))
        if watching:
            watch(akia, rotation_id, told)


@rotation.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
@click.option("--user", "user_name", metavar="NAME", help="Only those of one user's keys.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@json_option
@connection
def list_(only_open: bool, user_name: str | None, limit: int, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """List rotations, the youngest first."""
    with own_service(data, aws_profile) as akia:
        found = pages(akia.list_key_rotations, "Rotations", _MOST if only_open else limit, **given(UserName=user_name))
    found = [each for each in found if not (only_open and "EndedAt" in each)][:limit]
    if as_json:
        click.echo(to_json(found))
    elif not found:
        click.echo("there are no rotations")
    else:
        tell(line for each in found for line in _lines(each))


def _lines(rotation: Any) -> tuple[str, str]:
    keys = f"{rotation['OldAccessKeyId']} -> {rotation['NewAccessKeyId']}"
    return (
        f"{rotation['StartedAt']:%Y-%m-%d %H:%M}  {rotation['State']:12}  {rotation['UserName']}  {keys}",
        f"    rotation {rotation['RotationId']}",
    )


@rotation.command()
@_ID
@_QUIET
@_INACTIVE
@connection
def advance(rotation_id: str, quiet_hours: float | None, inactive_hours: float | None, data: Path | None, aws_profile: str | None) -> None:
    """Take every step that is due now; with other times to wait, if you give some."""
    times = given(QuietHours=quiet_hours, InactiveHours=inactive_hours)
    _tell(lambda akia: akia.advance_key_rotation(RotationId=rotation_id, **times), data, aws_profile)


@rotation.command()
@_ID
@connection
def confirm(rotation_id: str, data: Path | None, aws_profile: str | None) -> None:
    """Say that whoever needs the new key has it."""
    _tell(lambda akia: akia.confirm_key_distribution(RotationId=rotation_id), data, aws_profile)


@rotation.command("roll-back")
@_ID
@connection
def roll_back(rotation_id: str, data: Path | None, aws_profile: str | None) -> None:
    """Make the old key work again at once; the new one leaves when nobody calls it any more."""
    _tell(lambda akia: akia.roll_back_key_rotation(RotationId=rotation_id), data, aws_profile)


@rotation.command()
@json_option
@connection
def targets(as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """List where the server can put keys."""
    with own_service(data, aws_profile) as akia:
        found = pages(akia.list_rotation_targets, "Targets", 10_000)
    if as_json:
        click.echo(to_json(found))
    elif not found:
        click.echo("the server has no targets: start it with --rotation-targets")
    else:
        tell(f"{each['Name']}  {each['Kind']}, for keys of {', '.join(each['UserNames'])}" for each in found)


def _target(text: str) -> Target:
    try:
        return spelled(text, UserFiles.found().credentials)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _distribute(akia: Any, told: Any, made: Any, targets: Sequence[tuple[str, Target]], say: Callable[[str], None]) -> None:
    """Put the new key everywhere, and say so. If the first place does not take it, nothing has happened; later ones can be tried again."""
    key = DeliveredKey("", told["UserName"], made["AccessKeyId"], made["SecretAccessKey"], replaces=told["OldAccessKeyId"])
    for number, (text, target) in enumerate(targets):
        while (problem := _problem(target, key)) is not None:
            if number == 0:
                akia.roll_back_key_rotation(RotationId=told["RotationId"])
                raise click.ClickException(f"{problem}. The rotation was rolled back, and the new key is gone.")
            click.echo(f"{problem}. Both keys work; the places before have the new one.", err=True)
            if not click.confirm("Try again?", default=True):
                raise click.ClickException(f"the new key is not everywhere: mend {text}, or akia rotation roll-back {told['RotationId']}")
        say(f"{text} has the new key")
    akia.confirm_key_distribution(RotationId=told["RotationId"])


def _problem(target: Target, key: DeliveredKey) -> str | None:
    try:
        target.deliver(key)
    except NotDelivered as error:
        return str(error)
    return None


def _say(line: str) -> None:
    click.echo(line)


def _aside(line: str) -> None:
    """Beside the key, which is alone on stdout."""
    click.echo(line, err=True)


def _print_key(told: Any, made: Any) -> None:
    click.echo(f"AWS_ACCESS_KEY_ID={made['AccessKeyId']}\nAWS_SECRET_ACCESS_KEY={made['SecretAccessKey']}")
    _aside(f"The secret is not shown again. When it is where it is needed: akia rotation confirm {told['RotationId']}")


def _tell(call: Callable[[Any], Any], data: Path | None, aws_profile: str | None) -> None:
    with own_service(data, aws_profile) as akia:
        told = call(akia)["Rotation"]
    waits = f", and waits for {told['WaitsFor']}" if "WaitsFor" in told else ""
    click.echo(f"rotation {told['RotationId']} is {told['State']}{waits}.")
