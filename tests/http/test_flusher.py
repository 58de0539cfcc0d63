"""The flusher: an answer may leave when the write that holds its event has returned, and not before."""

from __future__ import annotations

import asyncio
import threading
from itertools import count
from typing import TYPE_CHECKING

import pytest

from akia.http.disk import Disk
from akia.http.flusher import Flusher

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

pytestmark = pytest.mark.covers("I2.store.journals")


class Journal:
    """Keeps what is written; `gate` holds writes up, `failures` says which of them fail."""

    def __init__(self) -> None:
        self.buffer: list[bytes] = []
        self.written: list[list[bytes]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.failures: list[bool] = []

    def append(self, frame: bytes) -> None:
        self.buffer.append(frame)

    def take(self) -> list[bytes]:
        taken = self.buffer[:]
        del self.buffer[: len(taken)]
        return taken

    def write(self, waiting: Sequence[bytes]) -> None:
        self.entered.set()
        assert self.gate.wait(10)
        if self.failures and self.failures.pop(0):
            raise OSError(5, "Input/output error")
        self.written.append(list(waiting))


def run(test: Callable[[Journal, Flusher], Awaitable[None]]) -> Journal:
    journal = Journal()

    async def main() -> None:
        flusher = Flusher(journal, Disk("journal", slow=True, clock=count().__next__))
        try:
            await test(journal, flusher)
        finally:
            journal.gate.set()
            await flusher.close()

    asyncio.run(main())
    return journal


def test_what_waits_shares_one_write() -> None:
    async def test(journal: Journal, flusher: Flusher) -> None:
        journal.gate.clear()
        journal.append(b"first")
        first = flusher.safe()
        await asyncio.get_running_loop().run_in_executor(None, journal.entered.wait)
        others = []
        for number in range(5):
            journal.append(b"%d" % number)
            others.append(flusher.safe())
        assert not first.done()
        journal.gate.set()
        await asyncio.gather(first, *others)
        assert journal.written == [[b"first"], [b"0", b"1", b"2", b"3", b"4"]]

    run(test)


def test_a_refusal_of_the_disk_reaches_everybody_who_waits_for_that_write() -> None:
    async def test(journal: Journal, flusher: Flusher) -> None:
        journal.gate.clear()
        journal.failures = [True]
        journal.append(b"a")
        waiting = [flusher.safe(), flusher.safe()]
        journal.gate.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(result) for result in results] == [OSError, OSError]

    run(test)


def test_who_gives_up_takes_nobody_along() -> None:
    async def test(journal: Journal, flusher: Flusher) -> None:
        journal.gate.clear()
        first, second = flusher.safe(), flusher.safe()
        first.cancel()
        journal.gate.set()
        await second
        assert first.cancelled()

    run(test)


def test_closing_writes_what_waits() -> None:
    async def test(journal: Journal, flusher: Flusher) -> None:
        journal.gate.clear()
        journal.append(b"a")
        flusher.safe()
        await asyncio.get_running_loop().run_in_executor(None, journal.entered.wait)
        journal.append(b"b")
        last = flusher.safe()
        closing = asyncio.create_task(flusher.close())
        await asyncio.sleep(0.01)
        journal.gate.set()
        await closing
        await last

    assert [frame for batch in run(test).written for frame in batch] == [b"a", b"b"]


def test_a_fast_disk_is_waited_for_in_place_and_a_slow_one_in_a_thread() -> None:
    times = iter([0.0, 0.0001, 1.0, 1.0001, 2.0, 2.1, 3.0, 3.0001, 4.0, 4.0001])
    threads: list[int] = []

    async def main() -> None:
        disk = Disk("disk", clock=lambda: next(times))
        for _ in range(5):
            await disk.wait(lambda: threads.append(threading.get_ident()))
        disk.close()

    asyncio.run(main())
    assert [thread == threading.get_ident() for thread in threads] == [True, True, True, False, True]
