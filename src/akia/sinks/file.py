"""A file: one record a line, on the disk before a delivery counts. It is opened anew for each delivery, so whoever rotates it just
renames it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from akia.sinks.sink import Limits, Undelivered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=1_000, bytes=4_000_000)
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class File:
    limits = LIMITS

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, events: Sequence[EventRow]) -> int:
        try:
            append_lines(self._path, "".join(f"{event.record}\n" for event in events).encode())
        except OSError as error:
            raise Undelivered(f"{self._path.name} cannot be written: {error.strerror}") from None
        return 0


def append_lines(path: Path, lines: bytes) -> None:
    """Put `lines` behind what is in the file, made for its owner alone if it is not there (NT-68), and wait for the disk. Raises OSError;
    then nothing of them is left, unless the machine fell: a line that was cut then is ended before the next one."""
    is_new = not path.exists()
    file = os.open(path, _FLAGS, 0o600)
    try:
        length = os.fstat(file).st_size
        if length and os.pread(file, 1, length - 1) != b"\n":
            lines = b"\n" + lines
        try:
            _write(file, lines)
            os.fsync(file)
        except OSError:
            os.ftruncate(file, length)
            raise
    finally:
        os.close(file)
    if is_new:
        _sync_directory(path.parent)


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(table: Table) -> File:
    """A sink from its settings: `path`, absolute, in a directory that is there."""
    path = Path(table.text("path"))
    if not path.is_absolute() or not path.parent.is_dir() or path.is_dir():
        raise table.wrong("path", "expected the absolute path of a file in a directory that exists")
    return File(path)
