"""Writes take turns: all that wait share one transaction and one wait for the disk.

The work of a batch runs on the event loop; only the commit, which does nothing but wait, runs in a thread. Meanwhile reads go on, and the
next batch gathers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from akia.aws.errors import ServiceUnavailable

if TYPE_CHECKING:
    from akia.http.disk import Disk
    from akia.store.writer import Batch, Writer

MOST = 64
"""Pieces of work per batch, so that reads are not held up for long."""
UNAVAILABLE = "The service cannot write at the moment. Nothing was changed; please try again."

T = TypeVar("T")


class _Failure(NamedTuple):
    error: Exception


Turn = tuple[Callable[["Batch"], Any], "asyncio.Future[Any]"]


class GroupCommit:
    """`committed` is told of a batch that is safe, before anybody else learns of it."""

    def __init__(self, writer: Writer, committed: Callable[[Batch], None], disk: Disk) -> None:
        self._writer = writer
        self._committed = committed
        self._disk = disk
        self._waiting: list[Turn] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[Batch], T]) -> T:
        """What `work` returns, once what it wrote is safe. Raises ServiceUnavailable if its batch could not be written, or if a piece of
        work in it has raised anything: then nothing of the batch has happened."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, future))
        if self._running is None:
            self._running = loop.create_task(self._run())
        return await future

    async def attempt(self, work: Callable[[Batch], T]) -> T:
        """The same for a job, whose `work` nobody waits for: what it raises is raised here, undoes what it wrote, and nothing else of the
        batch. Raises ServiceUnavailable as well."""
        done = await self.do(lambda batch: _attempted(batch, work))
        if isinstance(done, _Failure):
            raise done.error
        return done

    async def close(self) -> None:
        """Returns when nothing waits any more."""
        while self._running is not None:
            await self._running
        self._disk.close()

    async def _run(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # whoever has arrived in the meantime comes along
                turns, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                try:
                    await self._share(turns)
                except Exception as error:
                    _fail(turns, error)
        finally:
            self._running = None

    async def _share(self, turns: list[Turn]) -> None:
        """One batch. It is opened where the work runs: between the two nobody on this loop can wait for the lock that it holds."""
        batch = self._writer.open()
        try:
            results = [work(batch) for work, _ in turns]
        except BaseException:
            batch.abandon()
            raise
        await self._disk.wait(batch.commit)
        self._committed(batch)
        for (_, future), result in zip(turns, results, strict=True):
            if not future.done():
                future.set_result(result)


def _attempted(batch: Batch, work: Callable[[Batch], T]) -> T | _Failure:
    """Raises only if the whole batch is lost."""
    try:
        with batch.operation():
            return work(batch)
    except Exception as error:
        if batch.is_lost:
            raise
        return _Failure(error)


def _fail(turns: list[Turn], error: Exception) -> None:
    """Nothing of the batch has happened: each of its turns is told so."""
    detail = error.detail or error.message if isinstance(error, ServiceUnavailable) else repr(type(error))
    for _, future in turns:
        if not future.done():
            future.set_exception(ServiceUnavailable(UNAVAILABLE, detail=detail))
