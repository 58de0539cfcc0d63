"""Rotation on an akia: the server does it, and this program only asks. docs/rotation.md tells the states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from akia.cli.account_keys.connection import Failed
from akia.cli.printing import tell
from akia.cli.rotation import begin
from akia.cli.rotation_progress import lines_of, watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.rotation_targets import Target


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for. `targets` are by their spelling."""

    key: str
    targets: Mapping[str, Target]
    confirm: bool
    roll_back: bool
    quiet_hours: float | None
    inactive_hours: float | None
    watch: bool

    @property
    def times(self) -> dict[str, float]:
        """How long to wait, as far as it was said."""
        said = {"quiet_hours": self.quiet_hours, "inactive_hours": self.inactive_hours}
        return {name: hours for name, hours in said.items() if hours is not None}


def rotate(akia: Any, wish: Wish) -> None:
    """Begin a rotation of the key, or go on with the one that is open. Raises Failed, and what botocore raises."""
    found = _open_rotation(akia, wish.key)
    if found is None:
        if wish.confirm or wish.roll_back:
            raise Failed(f"no rotation of {wish.key} is open")
        found = _begin(akia, wish)
    elif wish.roll_back:
        akia.roll_back_key_rotation(RotationId=found)
    elif wish.confirm:
        akia.confirm_key_distribution(RotationId=found)
    else:
        akia.advance_key_rotation(RotationId=found, **_times(wish))
    now = akia.get_key_rotation(RotationId=found)
    _tell(lines_of(now))
    if wish.watch:
        watch(akia, found, now, _tell)


def _open_rotation(akia: Any, key: str) -> str | None:
    user = akia.describe_access_key(AccessKeyId=key)["AccessKey"].get("UserName")
    if user is None:
        raise Failed(f"{key} is the root user's: nobody but the root user may make keys for it")
    for page in akia.get_paginator("list_key_rotations").paginate(UserName=user):
        for each in page["Rotations"]:
            if each["OldAccessKeyId"] == key and "EndedAt" not in each:
                return str(each["RotationId"])
    return None


def _times(wish: Wish) -> dict[str, float]:
    return {"".join(part.capitalize() for part in name.split("_")): hours for name, hours in wish.times.items()}


def _tell(lines: Iterable[str]) -> None:
    """To people: on stderr, since stdout may hold the key."""
    tell(lines, err=True)


def _begin(akia: Any, wish: Wish) -> str:
    try:
        return str(begin(akia, wish.key, list(wish.targets.items()), _times(wish), lambda line: _tell([line]))["RotationId"])
    except click.ClickException as error:  # a target that does not take the key
        raise Failed(error.message) from None
