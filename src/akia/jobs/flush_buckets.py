"""Has the disk know of what daily budgets have given, every few seconds: so much a loss of power may forget."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from akia.jobs.periodic import repeat

if TYPE_CHECKING:
    from akia.store.shared_buckets import SharedBuckets

EVERY_SECONDS = 5.0

log = logging.getLogger("akia.jobs")


class FlushBuckets:
    def __init__(self, buckets: SharedBuckets, every: float = EVERY_SECONDS) -> None:
        self._buckets = buckets
        self._every = every

    async def run(self) -> None:
        """Until cancelled."""
        await repeat(self.once, self._every, "daily budgets are not on the disk yet")

    async def once(self) -> None:
        """Waits for the disk in a thread. A failure is logged: what was not written is written the next time."""
        try:
            await asyncio.to_thread(self._buckets.flush)
        except OSError as error:
            log.warning("daily budgets are not on the disk yet: %s", error.strerror)
