"""Starting akia's server process with parts changed by the benchmark: what `akia up` becomes, on the data directory of a stopped akia."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from akia.cli import serving
from akia.settings import VARIABLE, Settings


def serve(data: str, port: str) -> None:
    """Serve until SIGTERM. Workers are forked from this process, and have whatever it has changed in modules."""
    os.environ[VARIABLE] = Settings(data=Path(data), port=int(port), limits="off").to_json()
    reading, writing = os.pipe()
    os.close(writing)  # nothing to announce
    sys.argv[1:] = [str(reading)]
    serving.main()
