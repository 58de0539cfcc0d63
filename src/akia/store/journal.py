"""The journal: where a worker puts the events of calls that change nothing, one disk write for many, before their answers leave.

A journal is a directory of segments, `<worker>-<number>.journal`, each written by one worker only. A segment is made full of zeros, so
that appending moves no file length and `fdatasync` has little to do; the next one is made while the last is half empty, so that a disk
that fills up
leaves room for the events of reads.
A frame is `length (4 bytes) ‖ crc32 (4 bytes) ‖ payload`; the first frame that is zero, cut or damaged ends a segment. What follows a
damaged frame was never acknowledged.

The indexer (`store.indexer`) copies frames into the database exactly once: it moves the segment's position in the same transaction that
inserts the events.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SEGMENT_BYTES = 8 << 20
_HEADER = struct.Struct("<II")
_ZEROS = bytes(1 << 20)


def frame(payload: bytes) -> bytes:
    """`payload` as it stands in a segment."""
    return _HEADER.pack(len(payload), zlib.crc32(payload)) + payload


def frames(data: bytes | mmap.mmap, position: int = 0) -> Iterator[tuple[bytes, int]]:
    """The payloads from `position` on, each with the position behind it, up to the first frame that is not whole."""
    while position + _HEADER.size <= len(data):
        length, checksum = _HEADER.unpack_from(data, position)
        start = position + _HEADER.size
        payload = data[start : start + length]
        if not length or len(payload) < length or zlib.crc32(payload) != checksum:
            return
        position = start + length
        yield payload, position


class Journal:
    """One worker's end of the journal. `append` buffers; `write` puts a buffer on the disk and returns when it is safe there.

    `append` belongs to one thread, `take` and `write` to one other at a time. OSError of a full or broken disk goes to the caller of
    `write`, who must not answer then.
    """

    def __init__(self, directory: Path, worker: str, *, durable: bool = True, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._directory = directory
        self._worker = worker
        self._durable = durable
        self._segment_bytes = segment_bytes
        self._number = 0
        self._file = -1
        self._position = 0
        self._spare = -1
        self._buffer: list[bytes] = []
        self._taken: list[bytes] = []
        self._writing = threading.Lock()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if durable:
            self._spare = self._new_segment(segment_bytes)  # now, so that reads can go on if the disk fills up before the first of them

    def append(self, payload: bytes) -> None:
        """Put one event behind the others. It is not safe before the `write` that takes it has returned."""
        self._buffer.append(frame(payload))

    def take(self) -> list[bytes]:
        """The frames that wait, which the caller must now `write`."""
        # copied, then removed: another thread may append at any moment, and `discard` finds each frame here or there
        self._taken = self._buffer[:]
        del self._buffer[: len(self._taken)]
        return self._taken

    def write(self, waiting: Sequence[bytes]) -> None:
        """Write frames and wait for the disk. Raises OSError; then none of them may be acknowledged."""
        with self._writing:
            data = b"".join(waiting)
            if data:
                self._write(data)

    def discard(self) -> None:
        """Forget every event that is not indexed, whether it waits, is being written by another thread or has been written, by any worker.

        A throw-away akia's reset does this.
        """
        self._buffer.clear()
        self._taken.clear()  # taken by the thread that writes, but perhaps not yet written
        with self._writing:
            self._let_go()
            for segment in self._directory.glob("*.journal"):
                segment.unlink()

    def close(self) -> None:
        """Write what waits and let go of the segments."""
        self.write(self.take())
        self._let_go()

    def _write(self, data: bytes) -> None:
        if self._file < 0 or self._position + len(data) > self._segment_bytes:
            self._turn_page(len(data))
        try:
            self._put(data)
        except OSError:
            self._abandon()
            raise
        self._position += len(data)
        if self._durable and self._spare < 0 and self._position > self._segment_bytes // 2:
            with suppress(OSError):  # a full disk: there is still half a segment until it matters
                self._spare = self._new_segment(self._segment_bytes)

    def _put(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.pwrite(self._file, data[written:], self._position + written)
        if self._durable:
            os.fdatasync(self._file)

    def _abandon(self) -> None:
        """Write no more into this segment: behind its last good frame there may now be whole ones that nobody has acknowledged."""
        os.close(self._file)
        self._file = -1

    def _let_go(self) -> None:
        for file in (self._file, self._spare):
            if file >= 0:
                os.close(file)
        self._file = self._spare = -1

    def _turn_page(self, needed: int) -> None:
        """Go on in the next segment: the spare one, or a larger one for a batch that does not fit into any."""
        if self._spare >= 0 and needed <= self._segment_bytes:
            following, self._spare = self._spare, -1
        else:
            following = self._new_segment(max(self._segment_bytes, needed))
        if self._file >= 0:
            os.close(self._file)
        self._file, self._position = following, 0

    def _new_segment(self, size: int) -> int:
        path, file = self._locked_segment()
        try:
            if self._durable:
                _fill(file, size)
                os.fsync(file)
                _sync_directory(self._directory)
        except OSError:
            os.close(file)
            path.unlink()
            raise
        return file

    def _locked_segment(self) -> tuple[Path, int]:
        """A new file that this worker holds. Between its making and its lock an indexer may have taken it for one that a dead worker has
        left, and removed it: then another one is made."""
        while True:
            self._number += 1
            path = self._directory / f"{self._worker}-{self._number:06d}.journal"
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)  # the indexer holds it for a moment only
            if os.fstat(file).st_nlink:
                return path, file
            os.close(file)


class JournalReader:
    """All workers' segments, as the indexer reads them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def segments(self) -> list[Path]:
        """The segments there are, in the order in which each worker wrote them."""
        return sorted(self._directory.glob("*.journal"))

    def unread(self, segment: Path, position: int, most: int) -> tuple[list[bytes], int]:
        """Up to `most` payloads behind `position`, and the position behind the last of them. An absent or empty segment has none."""
        payloads: list[bytes] = []
        try:
            with segment.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                for payload, behind in frames(data, position):
                    payloads.append(payload)
                    position = behind
                    if len(payloads) >= most:
                        break
        except (FileNotFoundError, ValueError):  # gone, or still without length
            return [], position
        return payloads, position

    def remove_if_finished(self, segment: Path, position: int) -> bool:
        """Delete a segment that nobody writes any more and that is indexed up to `position`, its end. True if it is gone.

        Its worker holds a lock on it, which ends with the worker, however it ends.
        """
        try:
            with segment.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self.unread(segment, position, 1)[0]:
                    return False
                segment.unlink()
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        return True


def _fill(file: int, size: int) -> None:
    for offset in range(0, size, len(_ZEROS)):
        os.pwrite(file, _ZEROS[: size - offset], offset)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
