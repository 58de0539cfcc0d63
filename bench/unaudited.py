"""An akia that keeps no account of its calls, to tell what keeping it costs: `python -m bench.unaudited DATA PORT`.

It exists here only. The product has no switch for it: no event, no answer. What `akia up` would start is started with a recorder that makes
no events, so that there is no journal to wait for and nothing to index.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia import assembly
from akia.http.flusher import Flusher
from akia.pipeline.record import Recorder
from bench.starting import serve

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


if __name__ == "__main__":
    assembly.assemble = assemble
    vars(assembly)["Flusher"] = AtOnce
    serve(*sys.argv[1:])
