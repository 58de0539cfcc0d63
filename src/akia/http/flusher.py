"""When the answer to a read may leave: once its event is on the disk. All that wait share one write.

After a write of more than one event the next one waits for a moment, so that under load many events share it; a client that waits alone is
never held up.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.http.disk import Disk

PAUSE_SECONDS = 0.002
"""How long events gather under load. Bounded by what a client does not notice beside its own round trip."""


class Writable(Protocol):
    """What is written: the journal."""

    def take(self) -> list[bytes]: ...

    def write(self, waiting: Sequence[bytes], /) -> None: ...


class Flusher:
    """Belongs to the event loop's thread, as does appending to the journal."""

    def __init__(self, journal: Writable, disk: Disk) -> None:
        self._journal = journal
        self._disk = disk
        self._waiting: list[asyncio.Future[None]] = []
        self._running: asyncio.Task[None] | None = None

    def safe(self) -> asyncio.Future[None]:
        """A future that is done when everything appended so far is on the disk; it raises OSError if the disk refused.

        Ask in the same step that appended: nothing is taken in between. Each caller has a future of its own: who gives up takes nobody
        along.
        """
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting.append(done)
        if self._running is None:
            self._running = loop.create_task(self._run())
        return done

    async def close(self) -> None:
        """Returns when nothing waits any more."""
        while self._running is not None:
            await self._running
        self._disk.close()

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, waiting, self._waiting = self._journal.take(), self._waiting, []
                _settle(waiting, await self._write(batch))
                if len(waiting) > 1:
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._running = None

    async def _write(self, batch: list[bytes]) -> OSError | None:
        try:
            await self._disk.wait(lambda: self._journal.write(batch))
        except OSError as error:
            return error
        return None


def _settle(waiting: list[asyncio.Future[None]], failure: OSError | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)
