"""Once an hour: new keys for web identity tokens where the old ones have signed for long enough, and an end for those that nobody needs."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from akia.authority.outbound_tokens import add_keys, new_key
from akia.aws.errors import ServiceUnavailable
from akia.identity.outbound_key import due, retired

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.store.store import Store
    from akia.store.writer import Batch

EVERY_SECONDS = 3_600.0

log = logging.getLogger("akia.jobs")


class RotateOutboundKeys:
    """`do` runs a piece of work in a shared write transaction; `reader` is a store to look with; `clock` answers epoch seconds."""

    def __init__(
        self, reader: Store, do: Callable[[Callable[[Batch], Any]], Awaitable[Any]], clock: Callable[[], float] = time.time
    ) -> None:
        self._reader = reader
        self._do = do
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. A store that cannot be read or written is tried again."""
        while True:
            try:
                await self.once()
            except ServiceUnavailable as error:
                log.warning("keys of web identity tokens are not renewed: %s", error.detail or error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """One round. Nothing happens before the first account issues tokens; then keys are made in a thread, since it takes a while."""
        now = int(self._clock())
        keys = self._reader.outbound_keys.all()
        missing = due(keys, now) if keys else []
        if not missing and not retired(keys, now):
            return
        made = [await asyncio.to_thread(new_key, algorithm, now) for algorithm in missing]
        await self._do(lambda batch: add_keys(batch.store, made, now))
