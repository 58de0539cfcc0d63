"""Messages of alerts leave through their channels, and are tried again until they are taken or too old.

A message is claimed in the store before it is sent, so that several workers do not send it at once; it is deleted afterwards. One that was
sent by somebody who then died is sent again: alerts come at least once, with the same id.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import orjson

from akia.alerts_out import NotSent, channel
from akia.jobs.periodic import Periodic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akia.alerts_out import AlertSettings, Channel
    from akia.identity.alert import AlertMessage
    from akia.jobs.periodic import Clock, Do
    from akia.store.store import Store

MOST_AT_ONCE = 8
FIRST_WAIT_SECONDS = 60
"""Longer than any channel takes: until then nobody else tries."""
LONGEST_WAIT_SECONDS = 3_600
GIVEN_UP_SECONDS = 3 * 86_400

log = logging.getLogger("akia.alerts")


class SendAlerts(Periodic):
    """`make` makes the channel of settings, but for tests."""

    every = 1.0
    trouble = "alerts are not sent"

    def __init__(
        self,
        reader: Store,
        do: Do,
        settings: AlertSettings,
        allowed_networks: Iterable[str],
        clock: Clock = time.time,
        make: Callable[..., Channel] = channel,
    ) -> None:
        super().__init__(reader, do, clock)
        self._channels = {each.name: make(each, allowed_networks) for each in settings.channels}

    async def once(self) -> None:
        """One try of each message that is due, some at a time."""
        waiting = self._reader.alert_messages.due(int(self._clock()), MOST_AT_ONCE)
        await asyncio.gather(*(self._try(message) for message in waiting))

    async def _try(self, message: AlertMessage) -> None:
        now = int(self._clock())
        wait = min(FIRST_WAIT_SECONDS * 2**message.attempts, LONGEST_WAIT_SECONDS)
        if not await self._do(lambda batch: batch.store.alert_messages.claim(message, now + wait)):
            return
        goal = self._channels.get(message.channel)
        if goal is None:
            log.error("alert %s is not sent: there is no channel %s any more", message.alert_id, message.channel)
        else:
            try:
                await asyncio.to_thread(goal.send, orjson.loads(message.body))
            except Exception as error:
                told = str(error) if isinstance(error, NotSent) else type(error).__name__
                if now - message.created < GIVEN_UP_SECONDS:
                    log.warning("alert %s is not sent to %s yet: %s", message.alert_id, message.channel, told)
                    return
                log.error("alert %s is never sent to %s: %s", message.alert_id, message.channel, told)
        await self._do(lambda batch: batch.store.alert_messages.delete(message.id))
