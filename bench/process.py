"""What a server and all its processes cost: CPU time from their clocks, memory from /proc."""

from __future__ import annotations

import time
from pathlib import Path

PROC = Path("/proc")


def tree(pid: int) -> list[int]:
    """`pid` and every process descended from it that is alive now."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for process in found:
        found.extend(children.get(process, ()))
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time that these processes have used, with all their threads, ended ones too; in seconds, to the nanosecond."""
    return sum(map(_cpu_clock, pids))


def pss_bytes(pids: list[int]) -> int:
    """Proportional set size: the memory of these processes, what they share counted once."""
    return sum(map(_pss_kilobytes, pids)) * 1024


def _cpu_clock(pid: int) -> float:
    """The process's CPU clock. Its id is what clock_getcpuclockid(3) computes; /proc/<pid>/stat tells the same in ticks of 10 ms."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def _pss_kilobytes(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _parent(entry: Path) -> int | None:
    """The parent's id: the second field behind the command's name, which may itself hold spaces and parentheses."""
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
