"""Locks of bytes of a file, held by the open file: they end with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
import struct

_FLOCK = struct.Struct("hhqqi")
"""`struct flock`: type, whence, start, length, pid (0)."""


def lock_bytes(file: int, start: int, length: int, *, shared: bool = False) -> bool:
    """Lock `length` bytes of the open `file` from `start` on, or turn a lock of them into this one. False if somebody else has them."""
    kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, start, length, 0))
    except OSError:
        return False
    return True
