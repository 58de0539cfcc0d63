"""Buckets that all processes of this machine share: a mapped file of slots in the data directory.

A bucket's slot is found by a keyed digest of its name: it lies in a window of slots that begins where the digest says. Whoever takes
holds a lock of the open file for some microseconds, which the kernel lets go of when the process dies, however it dies; what it had
written of its one step by then costs at most one token. When every slot of a window is in use, newcomers there share one slot behind all
others.

Rates go by the machine's clock since boot, which all processes have in common and nobody sets. After a reboot that clock begins anew: rates
start with full buckets, budgets go on. Budgets outlive restarts and crashes, and the loss of power but for some seconds (`flush`).
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import secrets
import struct
import time
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from akia.aws.errors import ServiceUnavailable
from akia.store.byte_lock import lock_bytes
from akia.store.errors import CannotOpen
from akia.throttle.allowance import Level, Short, at, full, may_be_forgotten, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akia.throttle.allowance import Allowance, Draw, Taken

SLOTS = 1 << 16
WINDOW = 32
"""Slots in which a name may stand. With so many, a window is full only when nearly all of the file is."""
LONGEST_WAIT = 1.0
"""Seconds. A process holds the lock for microseconds; one that has stopped while it did so stops nobody else for longer."""
_HEADER = struct.Struct("<8s16s36sII")
_MAGIC = b"akiabkt1"
_HEADER_BYTES = 4_096
_SLOT = struct.Struct("<16sddddqQQII")
_FILE_BYTES = _HEADER_BYTES + (SLOTS + 1) * _SLOT.size
_NOBODY = bytes(16)
_MOST_PLACES = 50_000

_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

log = logging.getLogger("akia.store")


def since_boot() -> float:
    """The seconds that have passed since the machine was started, asleep or not; where that is not to be had, a monotonic clock."""
    return time.clock_gettime(_CLOCK)


def boot_id() -> bytes:
    """What sets this run of the machine apart from others; empty where nobody knows."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()[:36]
    except OSError:
        return b""


class _Slot(NamedTuple):
    """`run` and `start` say in which run of the machine the level was written, and in which run of the server the refusals."""

    digest: bytes
    tokens: float
    at: float
    rate: float
    capacity: float
    day: int
    used: int
    refusals: int
    run: int
    start: int


class SharedBuckets:
    """`Buckets` in the file `path`. Every process opens its own."""

    def __init__(self, path: Path, boot: bytes | None = None) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._places: dict[str, tuple[bytes, int]] = {}
        self._unflushed = False
        with self._locked():
            self._key, self._run, self._start = self._opened(boot_id() if boot is None else boot)

    def take(self, draws: Sequence[Draw], now: float, day: int) -> Taken | Short:
        self._lock()
        try:
            places = [self._place(draw.name, draw.allowance, now, day) for draw in draws]
            slots = [self._slot(place) for place in places]
            levels = [self._level(slot, draw.allowance, now, day) for slot, draw in zip(slots, draws, strict=True)]
            outcome = settle(draws, levels)
            after = levels if isinstance(outcome, Short) else outcome.levels
            for place, slot, draw, level in zip(places, slots, draws, after, strict=True):
                self._write(place, slot, draw.allowance, level)
            return outcome
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def level(self, name: str, allowance: Allowance, now: float, day: int) -> Level:
        with self._locked():
            found, _ = self._find(self._digest(name), now, day)
            return self._level(self._slot(found), allowance, now, day) if found else full(allowance, now, day)

    def count_refusal(self, name: str) -> None:
        with self._locked():
            place = self._place(name, None, 0.0, 0)
            slot = self._slot(place)
            refusals = slot.refusals + 1 if slot.start == self._start else 1
            _SLOT.pack_into(self._map, place, *slot._replace(refusals=refusals, start=self._start))

    def refusals(self, name: str) -> int:
        with self._locked():
            found, _ = self._find(self._digest(name), 0.0, 0)
            slot = self._slot(found) if found else None
        return slot.refusals if slot is not None and slot.start == self._start else 0

    def forget(self) -> None:
        with self._locked():
            self._map[_HEADER_BYTES:] = bytes(_FILE_BYTES - _HEADER_BYTES)
            self._places.clear()

    def flush(self) -> bool:
        """Have the disk know of the budgets. Waits for it; whether there was anything to do."""
        if not self._unflushed:
            return False
        self._unflushed = False
        self._map.flush()
        return True

    def close(self) -> None:
        self.flush()
        self._map.close()
        os.close(self._file)

    # The file

    def _opened(self, boot: bytes) -> tuple[bytes, int, int]:
        """Map the file. The key of its digests, and the numbers of this run of the machine and of the server. The first process that has it
        open begins a new run of the server."""
        if os.fstat(self._file).st_size != _FILE_BYTES or os.pread(self._file, len(_MAGIC), 0) != _MAGIC:
            if os.fstat(self._file).st_size:
                log.error("the file of the limits' buckets is not one: it is made anew, and daily budgets start anew with it")
            os.ftruncate(self._file, 0)
            self._reserve()
            os.pwrite(self._file, _HEADER.pack(_MAGIC, secrets.token_bytes(16), b"", 0, 0), 0)
        self._map = mmap.mmap(self._file, _FILE_BYTES)
        magic, key, known_boot, run, start = _HEADER.unpack_from(self._map)
        if known_boot.rstrip(b"\0") != boot or not run:
            run += 1
        if self._is_first():
            start += 1
        _HEADER.pack_into(self._map, 0, magic, key, boot, run, start)
        return key, run, start

    def _reserve(self) -> None:
        """Have the disk hold all of the file now: a page that it had no room for later would end the process. Raises CannotOpen."""
        try:
            os.posix_fallocate(self._file, 0, _FILE_BYTES)
        except OSError as error:
            os.ftruncate(self._file, 0)
            raise CannotOpen(
                f"there is no room for the {_FILE_BYTES} bytes that limits need in the data directory: {error.strerror}"
            ) from None

    def _is_first(self) -> bool:
        """Whether no other process has the file open. Each holds a shared lock of its first byte, of the open file."""
        first = lock_bytes(self._file, 0, 1)
        lock_bytes(self._file, 0, 1, shared=True)
        return first

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock()
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _lock(self) -> None:
        """Raises ServiceUnavailable."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait_for_lock()

    def _wait_for_lock(self) -> None:
        give_up, pause = time.monotonic() + LONGEST_WAIT, 0.0
        while time.monotonic() < give_up:
            time.sleep(pause)  # at first it only lets the other process run
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pause = min(0.005, pause * 2 or 0.00005)
            else:
                return
        raise ServiceUnavailable("Whether a limit is exceeded is not known. Please try again.", detail="the lock of the buckets is held")

    # Slots

    def _digest(self, name: str) -> bytes:
        return blake2b(name.encode(), digest_size=16, key=self._key).digest()

    def _place(self, name: str, allowance: Allowance | None, now: float, day: int) -> int:
        """Where the bucket's slot is, made if need be."""
        known = self._places.get(name)
        if known is not None:
            digest, place = known
            if self._map[place : place + 16] == digest:
                return place
        else:
            digest = self._digest(name)
        found, free = self._find(digest, now, day)
        if not found:
            if not free:
                return _FILE_BYTES - _SLOT.size
            found = free
            level = full(allowance, now, day) if allowance is not None else Level(0.0, 0.0, 0, 0)
            capacity, rate = (allowance.capacity, allowance.rate) if allowance is not None else (0.0, 0.0)
            new = _Slot(digest, level.tokens, level.at, rate, capacity, level.day, 0, 0, self._run, self._start)
            _SLOT.pack_into(self._map, found, *new)
        if len(self._places) >= _MOST_PLACES:
            self._places.clear()
        self._places[name] = digest, found
        return found

    def _find(self, digest: bytes, now: float, day: int) -> tuple[int, int]:
        """Where the digest stands, and where it may be put if it stands nowhere; 0 for nowhere. Slots are never emptied, so behind an empty
        one stands nothing."""
        first, free = int.from_bytes(digest[:8], "little") % SLOTS, 0
        for step in range(WINDOW):
            place = _HEADER_BYTES + (first + step) % SLOTS * _SLOT.size
            stored = self._map[place : place + 16]
            if stored == digest:
                return place, 0
            if stored == _NOBODY:
                return 0, free or place
            if not free and self._may_be_forgotten(place, now, day):
                free = place
        return 0, free

    def _may_be_forgotten(self, place: int, now: float, day: int) -> bool:
        slot = self._slot(place)
        level = Level(slot.tokens if slot.run == self._run else slot.capacity, slot.at, slot.day, slot.used)
        counts = bool(slot.refusals) and slot.start == self._start
        return not counts and may_be_forgotten(level, slot.rate, slot.capacity, now, day)

    def _slot(self, place: int) -> _Slot:
        return _Slot._make(_SLOT.unpack_from(self._map, place))

    def _level(self, slot: _Slot, allowance: Allowance, now: float, day: int) -> Level:
        if slot.run != self._run:  # the clock has begun anew since
            return at(Level(allowance.capacity, now, slot.day, slot.used), allowance, now, day)
        return at(Level(slot.tokens, slot.at, slot.day, slot.used), allowance, now, day)

    def _write(self, place: int, slot: _Slot, allowance: Allowance, level: Level) -> None:
        self._unflushed = self._unflushed or bool(allowance.daily)
        new = (slot.digest, level.tokens, level.at, allowance.rate, allowance.capacity, level.day, level.used, slot.refusals)
        _SLOT.pack_into(self._map, place, *new, self._run, slot.start)
