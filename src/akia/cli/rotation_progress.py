"""How a rotation is told: all at once, and while it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from akia.cli.printing import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

EVERY_SECONDS = 2.0
_TOO_LONG = 60
_WORD = "ConfirmKeyDistribution"
"""What the service waits for where somebody distributes the key by hand."""
_NOTHING: Any = {"Rotation": {}, "History": (), "Callers": []}
_SAID = {
    "STARTED": "it has begun",
    "DELIVERED": "every target has the key",
    "CONFIRMED": "somebody says that the new key is where it is needed",
    "WATCHED": "calls of the old key are watched",
    "NOT_CALLED": "nobody has called the key that leaves",
    "CALLED": "the old key was called once more",
    "CALLED_AGAIN": "the inactive key was called",
    "MADE_INACTIVE": "the key that leaves is inactive",
    "ACTIVATED_BY_OTHERS": "somebody has made the key active",
    "DELETED_BY_OTHERS": "somebody has deleted a key",
    "OTHER_KEY_INACTIVE": "the other key is inactive, so this one stays",
    "ROLLED_BACK": "it goes back",
}


def lines_of(told: Any) -> Iterator[str]:
    """All that is known of a rotation."""
    rotation = told["Rotation"]
    yield f"{rotation['OldAccessKeyId']} -> {rotation['NewAccessKeyId']} of {rotation['UserName']}: {rotation['State']}"
    for entry in told["History"]:
        yield _entry(entry)
    yield from _callers(told["Callers"])
    yield from _outlook(rotation)


def watch(akia: Any, rotation_id: str, told: Any = None, say: Callable[[Iterable[str]], None] = tell) -> None:
    """Tell what changes, until the rotation is over. Who interrupts it stops watching, not the rotation. Raises what `akia` raises."""
    try:
        _follow(akia, rotation_id, told or _NOTHING, say)
    except KeyboardInterrupt:
        click.echo(f"\nThe rotation goes on. `akia rotation show {rotation_id}` tells how far it is.", err=True)


def _follow(akia: Any, rotation_id: str, seen: Any, say: Callable[[Iterable[str]], None]) -> None:
    while "EndedAt" not in seen["Rotation"]:
        if seen is not _NOTHING:
            time.sleep(EVERY_SECONDS)
        now = akia.get_key_rotation(RotationId=rotation_id)
        say(_news(seen, now))
        seen = now


def _news(seen: Any, now: Any) -> Iterator[str]:
    yield from map(_entry, now["History"][len(seen["History"]) :])
    if now["Callers"] != seen["Callers"]:
        yield from _callers(now["Callers"])
    outlook = list(_outlook(now["Rotation"]))
    if outlook != list(_outlook(seen["Rotation"])):
        yield from outlook


def _entry(entry: Any) -> str:
    return f"{entry['At']:%Y-%m-%d %H:%M:%S}  {entry['To']:12}  {_SAID.get(entry['Reason'], entry['Reason'])} ({entry['By']})"


def _callers(callers: Any) -> Iterator[str]:
    for caller in callers:
        agent = caller["UserAgent"][:_TOO_LONG] + ("…" if len(caller["UserAgent"]) > _TOO_LONG else "")
        times = "once" if caller["Count"] == 1 else f"{caller['Count']} times"
        how = "refused" if caller["Refused"] else "answered"
        yield (
            f"    {caller['AccessKeyId']} is called from {caller['SourceIPAddress']} by {agent}: {caller['Action']}, "
            f"{times}, last at {caller['LastSeen']:%Y-%m-%d %H:%M:%S} ({how})"
        )


def _outlook(rotation: Any) -> Iterator[str]:
    if "Problem" in rotation:
        yield f"    not delivered: {rotation['Problem']}"
    if "WaitsFor" in rotation:
        until = f", until {rotation['WaitsUntil']:%Y-%m-%d %H:%M:%S}" if "WaitsUntil" in rotation else ""
        what = f"`akia rotation confirm {rotation['RotationId']}`" if rotation["WaitsFor"] == _WORD else rotation["WaitsFor"]
        yield f"    waits for {what}{until}"
