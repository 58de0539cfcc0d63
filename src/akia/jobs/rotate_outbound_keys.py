"""Once an hour: new keys for web identity tokens where the old ones have signed for long enough, and an end for those that nobody needs."""

from __future__ import annotations

import asyncio

from akia.authority.outbound_tokens import add_keys, new_key
from akia.identity.outbound_key import due, retired
from akia.jobs.periodic import Periodic


class RotateOutboundKeys(Periodic):
    every = 3_600.0
    trouble = "keys of web identity tokens are not renewed"
    begins_at_once = True

    async def once(self) -> None:
        """One round. Nothing happens before the first account issues tokens; then keys are made in a thread, since it takes a while."""
        now = int(self._clock())
        keys = self._reader.outbound_keys.all()
        missing = due(keys, now) if keys else []
        if not missing and not retired(keys, now):
            return
        made = [await asyncio.to_thread(new_key, algorithm, now) for algorithm in missing]
        await self._do(lambda batch: add_keys(batch.store, made, now))
