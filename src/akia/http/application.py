"""The ASGI application of one worker: starts and stops what needs an event loop, and hands requests to the edge."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akia.http.asgi import Edge, Scope, Send
    from akia.http.bodies import Receive
    from akia.http.flusher import Flusher
    from akia.http.group_commit import GroupCommit

SWITCH_SECONDS = 0.0005
"""How soon the thread that waited for the disk gets its turn again. Python's default, 5 ms, would be added to every answer under load."""

GARBAGE_THRESHOLDS = (20_000, 50, 100)
"""When Python looks for cycles. A request leaves none: looking at every 700 new objects would cost it a tenth of its time."""

SETTLED_SECONDS = 0.05
"""After the start-up protocol the server stops its loop for a moment, and runs it again to serve."""

AGAIN_SECONDS = 5.0
"""How long a job that has failed waits before it begins anew."""

log = logging.getLogger("akia.http")

Job = Callable[[], Coroutine[Any, Any, None]]


class Application:
    """`begin` makes the parts on the running loop; `serving` is called when that loop serves."""

    def __init__(self, begin: Callable[[asyncio.AbstractEventLoop], Running], serving: Callable[[], object] = lambda: None) -> None:
        self._begin = begin
        self._serving = serving
        self._running: Running | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._running is not None and scope["type"] == "http":
            await self._running.edge(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._running = self._begin(asyncio.get_running_loop())
        except Exception as error:
            log.error("cannot start: %s", error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        _tune()
        self._running.start()
        asyncio.get_running_loop().call_later(SETTLED_SECONDS, self._serving)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        running, self._running = self._running, None
        try:
            await running.stop()
        except Exception as error:
            log.exception("the end is not clean")
            await send({"type": "lifespan.shutdown.failed", "message": type(error).__name__})
        else:
            await send({"type": "lifespan.shutdown.complete"})


def _tune() -> None:
    """What suits a process that serves for a long time: what is there now stays, and need not be looked at again."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


class Running:
    """A worker at work. `jobs` run until the end, whatever goes wrong with them; `end` closes what the process holds."""

    def __init__(self, edge: Edge, writes: GroupCommit, flusher: Flusher, jobs: list[Job], end: Callable[[], None]) -> None:
        self.edge = edge
        self._writes = writes
        self._flusher = flusher
        self._jobs = jobs
        self._end = end
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.get_running_loop().create_task(_kept_going(job)) for job in self._jobs]

    async def stop(self) -> None:
        """No more jobs; what waits is written; files are closed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writes.close()
        await self._flusher.close()
        self._end()


async def _kept_going(job: Job) -> None:
    """Run `job` until it ends. One that fails has a bug: it is logged, and begins anew with what the store knows of its progress."""
    while True:
        try:
            await job()
        except Exception:
            log.exception("a job has failed, and begins anew")
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return
