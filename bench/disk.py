"""How long the disk takes to make a small write durable: the yardstick of durable writes."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = b"\0" * 4096
SAMPLES = 300


def fdatasync_seconds(directory: Path) -> float:
    """The median time of appending 4 kB to a file in `directory` and making it durable by fdatasync, in seconds."""
    with tempfile.TemporaryFile(dir=directory) as file:
        return statistics.median(_append(file.fileno()) for _ in range(SAMPLES))


def _append(descriptor: int) -> float:
    started = time.perf_counter()
    os.write(descriptor, BLOCK)
    os.fdatasync(descriptor)
    return time.perf_counter() - started
