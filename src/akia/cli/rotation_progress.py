"""How a rotation is told: all at once, and while it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_SECONDS = 2.0
_TOO_LONG = 60
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


def watch(akia: Any, rotation_id: str, told: Any = None) -> None:
    """Tell what changes, until the rotation is over. Who interrupts it stops watching, not the rotation. Raises what `akia` raises."""
    entries = len(told["History"]) if told is not None else 0
    callers, outlook = (told["Callers"], list(_outlook(told["Rotation"]))) if told is not None else ([], [])
    while told is None or "EndedAt" not in told["Rotation"]:
        if told is not None:
            time.sleep(EVERY_SECONDS)
        told = akia.get_key_rotation(RotationId=rotation_id)
        for entry in told["History"][entries:]:
            click.echo(_entry(entry))
        if told["Callers"] != callers:
            for line in _callers(told["Callers"]):
                click.echo(line)
        if list(_outlook(told["Rotation"])) != outlook:
            for line in _outlook(told["Rotation"]):
                click.echo(line)
        entries, callers, outlook = len(told["History"]), told["Callers"], list(_outlook(told["Rotation"]))


def _entry(entry: Any) -> str:
    return f"{entry['At']:%Y-%m-%d %H:%M:%S}  {entry['To']:12}  {_SAID.get(entry['Reason'], entry['Reason'])} ({entry['By']})"


def _callers(callers: Any) -> Iterator[str]:
    for caller in callers:
        agent = caller["UserAgent"][:_TOO_LONG] + ("…" if len(caller["UserAgent"]) > _TOO_LONG else "")
        how = "refused" if caller["Refused"] else "answered"
        yield (
            f"    {caller['AccessKeyId']} is called from {_plain(caller['SourceIPAddress'])} by {_plain(agent)}: {caller['Action']}, "
            f"{caller['Count']} times, last at {caller['LastSeen']:%Y-%m-%d %H:%M:%S} ({how})"
        )


def _outlook(rotation: Any) -> Iterator[str]:
    if "Problem" in rotation:
        yield f"    not delivered: {rotation['Problem']}"
    if "WaitsFor" in rotation:
        until = f", until {rotation['WaitsUntil']:%Y-%m-%d %H:%M:%S}" if "WaitsUntil" in rotation else ""
        yield f"    waits for {rotation['WaitsFor']}{until}"


def _plain(text: str) -> str:
    """What a caller says of itself steers no terminal."""
    return "".join(each if each.isprintable() else "?" for each in text)
