"""What requests wait for from outside: the keys of an identity provider. Each thing is fetched once, however many wait for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.operation import Waits

MOST_PER_REQUEST = 3
"""How often one request may have something fetched. A proof asks again only for what was not fetched yet, so two are enough."""
THREADS = 4
"""Providers that answer slowly hold these, and nobody else: writes with slow preparation have threads of their own."""


class Fetches:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="akia-fetch")
        self._running: dict[str, asyncio.Future[None]] = {}

    async def done(self, waits: Waits) -> None:
        """Returns when what `waits` waits for has been fetched, or could not be."""
        running = self._running.get(waits.subject)
        if running is None:
            running = asyncio.get_running_loop().run_in_executor(self._threads, waits.fetch)
            self._running[waits.subject] = running
            running.add_done_callback(lambda _: self._running.pop(waits.subject, None))
        await asyncio.shield(running)

    def close(self) -> None:
        """Waits for nobody any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
