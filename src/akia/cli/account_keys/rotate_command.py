"""`akia keys rotate`: replace a key without one failed call, by akia's own rotations or by IAM's own calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from akia.cli.account_keys import rotation_on_akia, rotation_record
from akia.cli.account_keys.connection import Failed, anywhere, connect, readable_errors
from akia.cli.account_keys.rotation_by_hand import LACKS, Rotation, told
from akia.cli.account_keys.rotation_on_akia import Wish
from akia.cli.account_keys.rotation_record import DISTRIBUTING
from akia.cli.user_profile import UserFiles
from akia.rotation_targets import spelled
from akia.rotation_targets.spelled import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from akia.cli.account_keys.connection import Connection, Where
    from akia.cli.account_keys.rotation_record import Record
    from akia.cli.endpoint import Pair
    from akia.rotation_targets import Target


@click.command()
@click.argument("key", metavar="KEY")
@click.option("--to", "spellings", multiple=True, metavar="TARGET", help=f"Put the new key here: {', '.join(KINDS)}. May be repeated.")
@click.option("--confirm", is_flag=True, help="Say that whoever needs the new key has it.")
@click.option("--roll-back", is_flag=True, help="Make the old key work again.")
@click.option("--quiet-hours", type=click.FloatRange(0), metavar="HOURS", help="How long nobody must have used the old key.  [default: 24]")
@click.option("--inactive-hours", type=click.FloatRange(0), metavar="HOURS", help="How long it is inactive before it goes.  [default: 72]")
@click.option("--watch", is_flag=True, help="Wait for each step, until it is over.")
@anywhere
def rotate(
    where: Where,
    key: str,
    spellings: tuple[str, ...],
    confirm: bool,
    roll_back: bool,
    quiet_hours: float | None,
    inactive_hours: float | None,
    watch: bool,
) -> None:
    """Make a new key in place of KEY, put it where the old one is used, and retire that when nobody uses it any more.

    The same command goes on with a rotation that has begun. Without --to the new key is printed, this one time: distribute it, then
    --confirm. On any endpoint that speaks IAM.
    """
    if confirm and roll_back:
        raise click.UsageError("give one of --confirm and --roll-back")
    if not re.fullmatch(r"\w{16,128}", key, re.ASCII):
        raise click.UsageError(f"{key!r} is no id of an access key")
    targets = {text: _target(text) for text in spellings}
    with readable_errors():
        connection = connect(where)
        told(connection.title)
        path = rotation_record.place(connection.account, key)
        wish = Wish(key, targets, confirm, roll_back, quiet_hours, inactive_hours, watch)
        if connection.is_akia and not path.exists():
            rotation_on_akia.rotate(connection.client("akia"), wish)
        else:
            told(LACKS)
            _by_hand(connection, path, wish)


def _by_hand(connection: Connection, path: Path, wish: Wish) -> None:
    with rotation_record.alone(path):
        record = rotation_record.read(path)
        if record is None and (wish.confirm or wish.roll_back):
            raise Failed(f"no rotation of {wish.key} has begun here")
        rotation = Rotation(connection, told, _all_targets(wish.targets, record))
        if record is not None and wish.roll_back:
            rotation.roll_back(record)
            return
        if record is not None:
            record.save(**wish.times)
        if record is None:
            record, pair = rotation.begin(path, wish.key, wish.times)
            _hand_out(rotation, record, pair)
        elif wish.confirm:
            rotation.confirm(record)
        elif (pair_anew := rotation.resume(record)) is not None:
            _hand_out(rotation, record, pair_anew)
        if record.state != DISTRIBUTING:
            rotation.go_on(record, watch=wish.watch)


def _all_targets(given: Mapping[str, Target], record: Record | None) -> dict[str, Target]:
    """Those that a run before has named, and those of this one."""
    return {text: _target(text) for text in (record.targets if record is not None else ())} | dict(given)


def _hand_out(rotation: Rotation, record: Record, pair: Pair) -> None:
    if record.targets:
        rotation.distribute(record, pair)
        return
    record.save(state=DISTRIBUTING)
    _print_key(pair)
    told("The secret is not shown again. When it is where it is needed: the same command with --confirm")


def _print_key(pair: Pair) -> None:
    click.echo(f"AWS_ACCESS_KEY_ID={pair[0]}\nAWS_SECRET_ACCESS_KEY={pair[1]}")


def _target(text: str) -> Target:
    try:
        return spelled(text, UserFiles.found().credentials)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
