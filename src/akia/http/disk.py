"""Where to wait for the disk: on the event loop's own thread if the disk is fast, in a thread of its own if it is slow.

A wait of a quarter of a millisecond costs less than handing it over: two threads that pass one interpreter to and fro spend more than that
on the passing. A wait of ten milliseconds would hold up everybody else. So the last wait decides where the next one is spent.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW_SECONDS = 0.004
"""A wait longer than this sends the next one to the thread."""
FAST_SECONDS = 0.002
"""A wait shorter than this brings the next one back."""

T = TypeVar("T")


class Disk:
    """One kind of waiting, one at a time. `slow` is what it starts with."""

    def __init__(self, name: str, *, slow: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.slow = slow
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, name)

    async def wait(self, work: Callable[[], T]) -> T:
        """What `work` returns; it does nothing but wait for the disk. Raises what it raises."""
        if self.slow:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._timed, work)
        return self._timed(work)

    def close(self) -> None:
        self._thread.shutdown()

    def _timed(self, work: Callable[[], T]) -> T:
        begun = self._clock()
        try:
            return work()
        finally:
            took = self._clock() - begun
            if took > SLOW_SECONDS:
                self.slow = True
            elif took < FAST_SECONDS:
                self.slow = False
