"""Imports what a start leaves out, once the server answers: then no first call of a service waits for it, and a package that is upgraded
beneath a running server brings it no module of another version."""

from __future__ import annotations

import asyncio
import gc
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_SECONDS = 1.0
PAUSE_SECONDS = 0.01
"""Between two modules, each of which takes some milliseconds: requests go first."""


class LoadTheRest:
    """`modules` are named in full; those that are there already cost nothing."""

    def __init__(self, modules: Iterable[str], first: float = FIRST_SECONDS, pause: float = PAUSE_SECONDS) -> None:
        self._modules = modules
        self._first = first
        self._pause = pause

    async def run(self) -> None:
        """Ends when everything is there."""
        await asyncio.sleep(self._first)
        for name in self._modules:
            import_module(name)
            await asyncio.sleep(self._pause)
        gc.freeze()  # modules stay: as at the start, nobody need look at them again
