"""Landlock: a process takes from itself, for good, the file system and the network. Linux has it from 5.13 on; where it is not there,
nothing is taken, and the other walls stand alone.

The numbers are those of `linux/landlock.h`; the three system calls have the same ones on every processor that akia runs on.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
READ = (1 << 2) | (1 << 3)
"""Read files, list directories."""
_EXECUTE_TO_SYMLINK = (1 << 13) - 1
_FILES = (0, _EXECUTE_TO_SYMLINK, _EXECUTE_TO_SYMLINK | 1 << 13, _EXECUTE_TO_SYMLINK | 3 << 13)
"""Everything that versions 0 to 3 of Landlock can forbid: renaming between directories came with 2, truncating with 3."""
_NETWORK_SINCE, _NETWORK = 4, 3
"""Binding and connecting TCP sockets."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def restrict(own: Path | None, readable: Iterable[Path]) -> bool:
    """From here on this thread, and every one that it starts, may do in the directory `own` what it likes, read in the directories
    `readable`, and open nothing else and no connection. Whether the system can do that."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    if version < 1:
        return False
    files = _FILES[min(version, len(_FILES) - 1)]
    network = _NETWORK if version >= _NETWORK_SINCE else 0
    size = ctypes.sizeof(_Ruleset) if network else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(_Ruleset(files, network)), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    for path, allowed in [*([(own, files)] if own else []), *((path, READ) for path in readable)]:
        _allow(libc, ruleset, path, allowed)
    taken: bool = libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return taken


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, allowed: int) -> None:
    """A directory that is not there needs no rule."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    except OSError:
        return
    try:
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(_PathBeneath(allowed, descriptor)), 0)
    finally:
        os.close(descriptor)
