"""The loop of the jobs: a round of work, a pause, and again. No failure of a round ends it."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable

if TYPE_CHECKING:
    from typing import NoReturn

    from akia.store.store import Store
    from akia.store.writer import Batch

Do = Callable[[Callable[["Batch"], Any]], Awaitable[Any]]
"""Runs a piece of work in a shared write transaction. Raises ServiceUnavailable if nothing can be written."""
Clock = Callable[[], float]
"""Answers epoch seconds."""

log = logging.getLogger("akia.jobs")


class Periodic(ABC):
    """A job of a worker: `reader` is a store to look with, `do` runs a piece of work in a shared write transaction."""

    every: float
    """Seconds between the end of a round and the next one."""
    trouble: str
    """What the log says of a round that failed."""
    begins_at_once = False
    """Whether the first round comes before the first pause."""

    def __init__(self, reader: Store, do: Do, clock: Clock = time.time) -> None:
        self._reader = reader
        self._do = do
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        await repeat(self.once, self.every, self.trouble, at_once=self.begins_at_once)

    @abstractmethod
    async def once(self) -> Any:
        """One round. Raises ServiceUnavailable if the store cannot be read or written: then it is tried again."""


async def repeat(once: Callable[[], Awaitable[Any]], every: float, trouble: str, *, at_once: bool = False) -> NoReturn:
    """`once` again and again, `every` seconds apart, until cancelled. A round that fails is logged as `trouble`, and tried again like any
    other: whatever was wrong, the next one may find it put right."""
    if not at_once:
        await asyncio.sleep(every)
    while True:
        try:
            await once()
        except ServiceUnavailable as error:
            log.warning("%s: %s", trouble, error.detail or error.message)
        except Exception:
            log.exception("%s", trouble)
        await asyncio.sleep(every)
