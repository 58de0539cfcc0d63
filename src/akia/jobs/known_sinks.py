"""How sinks stand, for whoever is no worker, such as `akia sinks`: their positions in the store, and what lies on the disk of them, in
`sinks` of the data directory: who ships, what was refused, what went wrong last, and which sinks are configured."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from akia.store.only_one import OnlyOne
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from akia.store.store import Store

_READER = "sink/"
_CONFIGURED = "configured"
"""No sink's file: those have an extension."""


class Trouble(NamedTuple):
    """What went wrong with a sink last, at `since` (epoch seconds) for the first time, and whether it takes events again.
    `is_refusal`: it refused so many events that it is taken to be wrong itself."""

    text: str
    since: float
    is_over: bool
    is_refusal: bool = False


class SinkFiles:
    """Those of the sink `name`."""

    def __init__(self, directory: Path, name: str) -> None:
        self._lock = directory / f"{name}.lock"
        self._trouble = directory / f"{name}.trouble"
        self.refused = directory / f"{name}.refused"
        """The ids of the events that it has refused for good."""

    def lock(self) -> OnlyOne:
        """Whoever holds it ships for the sink."""
        return OnlyOne(self._lock)

    def is_held(self) -> bool:
        """Whether a worker ships for the sink now."""
        lock = self.lock()
        try:
            return self._lock.exists() and not lock.take()
        finally:
            lock.release()

    def note(self, trouble: Trouble) -> None:
        """A disk that does not take it is no reason to send nothing."""
        with suppress(OSError):
            write_private(self._trouble, json.dumps(trouble._asdict()))

    def trouble(self) -> Trouble | None:
        """None if nothing ever went wrong."""
        try:
            return Trouble(**json.loads(self._trouble.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self) -> None:
        """Nothing went wrong with a sink that is no more. What it has refused stays to be looked into."""
        self._trouble.unlink(missing_ok=True)


def note_configured(directory: Path, names: Iterable[str]) -> None:
    """Write down which sinks there are. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(directory / _CONFIGURED, json.dumps(sorted(names)))


def configured(directory: Path) -> list[str] | None:
    """The sinks that the akia of the latest start knows; None if there was none yet. Raises OSError, ValueError."""
    try:
        names: list[str] = json.loads((directory / _CONFIGURED).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return names


def reader_of(name: str) -> str:
    """Whose position it is, in the store."""
    return f"{_READER}{name}"


def sinks_of(store: Store) -> dict[str, int]:
    """Every sink that has begun, configured or not, with its position."""
    positions = store.event_stream.positions()
    return {reader.removeprefix(_READER): number for reader, number in positions.items() if reader.startswith(_READER)}
