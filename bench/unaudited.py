"""An akia that keeps no account of its calls, to tell what keeping it costs: `python -m bench.unaudited DATA PORT`.

It exists here only. The product has no switch for it: no event, no answer. What `akia up` would start is started with a recorder that makes
no events, so that there is no journal to wait for and nothing to index.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia import assembly
from akia.cli import serving
from akia.http.flusher import Flusher
from akia.pipeline.record import Recorder
from akia.settings import VARIABLE, Settings

if TYPE_CHECKING:
    from akia.assembly import Akia
    from akia.pipeline.unit import Unit
    from akia.store.trail.event_row import EventRow


class Silent(Recorder):
    """Makes no events."""

    def events(self, unit: Unit, ended: float) -> list[EventRow]:
        return []


class AtOnce(Flusher):
    """Nothing is on its way to the disk, so every answer may leave at once."""

    def safe(self) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


_assemble = assembly.assemble


def assemble(*given: Any, account: str, **named: Any) -> Akia:
    """The product's akia with a recorder that makes no events."""
    akia = _assemble(*given, account=account, **named)
    silent = Silent(akia.authority, account)
    return replace(akia, recorder=silent, pipeline=replace(akia.pipeline, recorder=silent))


def main(data: str, port: str) -> None:
    """Serve the data directory of a stopped akia."""
    assembly.assemble = assemble  # the workers are forked from this process
    assembly.Flusher = AtOnce  # type: ignore[misc]  # a class in the place of its base
    os.environ[VARIABLE] = Settings(data=Path(data), port=int(port)).to_json()
    reading, writing = os.pipe()
    os.close(writing)  # nothing to announce
    sys.argv[1:] = [str(reading)]
    serving.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
