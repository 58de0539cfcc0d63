"""Messages of alerts leave through their channels, and are tried again until they are taken or too old.

A message is claimed in the store before it is sent, so that several workers do not send it at once; it is deleted afterwards. One that was
sent by somebody who then died is sent again: alerts come at least once, with the same id.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import orjson

from akia.alerts_out import NotSent, channel
from akia.jobs.periodic import repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akia.alerts_out import AlertSettings, Channel
    from akia.identity.alert import AlertMessage
    from akia.jobs.periodic import Clock, Do
    from akia.store.store import Store

EVERY_SECONDS = 1.0
GONE_SECONDS = 3_600.0
"""How often messages to channels that are no more are looked for: only a start with another file leaves any."""
MOST_AT_ONCE = 8
FIRST_WAIT_SECONDS = 60
"""Longer than a channel takes, unless it drips: until then nobody else tries."""
LONGEST_WAIT_SECONDS = 3_600
GIVEN_UP_SECONDS = 3 * 86_400
_NEVER = 2**62

log = logging.getLogger("akia.alerts")


class SendAlerts:
    """`reader` is a store to look with, `do` runs a piece of work in a shared write transaction. `make` makes the channel of settings, but
    for tests. Each channel has a thread and a queue of its own: one that is down delays only itself."""

    def __init__(
        self,
        reader: Store,
        do: Do,
        settings: AlertSettings,
        allowed_networks: Iterable[str],
        clock: Clock = time.time,
        make: Callable[..., Channel] = channel,
    ) -> None:
        self._reader = reader
        self._do = do
        self._channels = {each.name: make(each, allowed_networks) for each in settings.channels}
        self._clock = clock
        self._threads = ThreadPoolExecutor(max(1, len(self._channels)), thread_name_prefix="akia-alert")

    async def run(self) -> None:
        """Until cancelled. A store that cannot be written keeps the messages waiting."""
        channels = (repeat(partial(self._send, name), EVERY_SECONDS, "alerts are not sent") for name in self._channels)
        gone = repeat(self._drop_gone, GONE_SECONDS, "alerts to channels that are no more are not dropped", at_once=True)
        try:
            await asyncio.gather(gone, *channels)
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def once(self) -> None:
        """One round of every channel."""
        await self._drop_gone()
        await asyncio.gather(*(self._send(name) for name in self._channels))

    async def _drop_gone(self) -> None:
        for name in set(self._reader.alert_messages.channels()) - self._channels.keys():
            while messages := self._reader.alert_messages.due(name, _NEVER, MOST_AT_ONCE):
                for message in messages:
                    log.error("alert %s is not sent: there is no channel %s any more", message.alert_id, name)
                    await self._done_with(message)

    async def _send(self, name: str) -> None:
        """One try of each message to the channel that is due, one after the other."""
        for message in self._reader.alert_messages.due(name, int(self._clock()), MOST_AT_ONCE):
            await self._try(message, self._channels[name])

    async def _try(self, message: AlertMessage, goal: Channel) -> None:
        now = int(self._clock())
        wait = min(FIRST_WAIT_SECONDS * 2**message.attempts, LONGEST_WAIT_SECONDS)
        if not await self._do(lambda batch: batch.store.alert_messages.claim(message, now + wait)):
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, goal.send, orjson.loads(message.body))
        except Exception as error:
            told = str(error) if isinstance(error, NotSent) else type(error).__name__
            if now - message.created < GIVEN_UP_SECONDS:
                log.warning("alert %s is not sent to %s yet: %s", message.alert_id, message.channel, told)
                return
            log.error("alert %s is never sent to %s: %s", message.alert_id, message.channel, told)
        await self._done_with(message)

    async def _done_with(self, message: AlertMessage) -> None:
        await self._do(lambda batch: batch.store.alert_messages.delete(message.id))
