"""The feed: how a worker learns, on its very next request, that another process of this machine has changed something.

A small file is mapped into every process: one slot of eight bytes each. A process raises its slot by one before it commits a change and by
one after (an odd slot is a commit under way). A request compares the slots with those it saw last, which costs about a tenth of a
microsecond; only if
one moved, or is odd, does it read the `changes`
table. Once a second the table is read anyway, whatever the slots say.

A process's own slot does not count for itself: it applies its own changes when its commit is done and before the answers leave.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from typing import TYPE_CHECKING, Protocol

from akia.store.byte_lock import lock_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SLOTS = 64
_SLOT = struct.Struct("<Q")
_FILE_BYTES = SLOTS * _SLOT.size
CHECK_SECONDS = 1.0
"""The longest that a change could stay unseen if the slots failed: the bound of "Revocation bound", point 2."""


class ChangeReader(Protocol):
    """What the feed reads: the `changes` table."""

    def since(self, seen: int, /) -> Sequence[tuple[int, str]]: ...

    def latest(self) -> int: ...


class NoFreeSlot(Exception):
    """More processes use this data directory than the feed has slots for."""


class Slots:
    """The mapped file, with one slot claimed by this process. The claim is a lock on the slot's bytes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size < _FILE_BYTES:
            os.ftruncate(self._file, _FILE_BYTES)
        self._map = mmap.mmap(self._file, _FILE_BYTES)
        self.own = self._claim()
        self._offset = self.own * _SLOT.size
        if self._value() % 2:
            self.step()  # the slot's last owner died in the middle of a commit: the others look once more and find it quiet

    def _claim(self) -> int:
        for number in range(SLOTS):
            if lock_bytes(self._file, number * _SLOT.size, _SLOT.size):
                return number
        raise NoFreeSlot(f"more than {SLOTS} processes use this data directory")

    def _value(self) -> int:
        value: int = _SLOT.unpack_from(self._map, self._offset)[0]
        return value

    def step(self) -> None:
        """Raise the own slot: to odd before a commit, to even after it."""
        _SLOT.pack_into(self._map, self._offset, self._value() + 1)

    def others(self) -> bytes:
        """All slots but the own one, for comparison."""
        everything = self._map[:]
        return everything[: self._offset] + everything[self._offset + _SLOT.size :]

    def close(self) -> None:
        self._map.close()
        os.close(self._file)


def is_quiet(slots: bytes) -> bool:
    """Whether no process is in the middle of a commit."""
    return not any(lowest_byte & 1 for lowest_byte in slots[:: _SLOT.size])


class Feed:
    """The changes that other processes made, and the generation (the id of the latest change) that this process has caught up with."""

    def __init__(self, changes: ChangeReader, slots: Slots | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._changes = changes
        self._slots = slots
        self._clock = clock
        self._seen = b""
        self._checked = clock()
        self.generation = changes.latest()

    def news(self) -> Sequence[str]:
        """The subjects that others have changed since the last call. Nearly always nothing, and then nearly free.

        Raises what the store raises if the table cannot be read: the caller must refuse then, since it may be out of date.
        """
        slots = self._slots
        now = self._clock()
        if slots is not None:
            current = slots.others()
            if current == self._seen and now - self._checked < CHECK_SECONDS:
                return ()
            subjects = self._read()
            self._seen = current if is_quiet(current) else b""
        else:
            if now - self._checked < CHECK_SECONDS:
                return ()
            subjects = self._read()
        self._checked = now
        return subjects

    def advance(self, generation: int, own: int) -> None:
        """This process has committed and applied `own` changes, the last of which is `generation`.

        If there are others between them and what it has seen before, they are read with the next `news`, and its own once more.
        """
        if generation - own <= self.generation < generation:
            self.generation = generation

    def _read(self) -> list[str]:
        rows = self._changes.since(self.generation)
        if rows:
            self.generation = rows[-1][0]
        return [subject for _, subject in rows]
