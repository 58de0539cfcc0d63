"""Events go out to sinks as they come in: each sink at its own pace, in a thread of its own, from where it stood.

A position is written after the delivery: whoever is interrupted in between delivers the batch again, and loses nothing. Of several workers,
the one that holds a sink's lock ships for it; when it ends, however it ends, another one goes on.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from akia.aws.errors import ServiceUnavailable
from akia.jobs.known_sinks import SinkFiles, note_configured, reader_of, sinks_of
from akia.jobs.shipping import FIRST_WAIT, Shipping

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from akia.jobs.periodic import Do
    from akia.sinks import Configured
    from akia.store.store import Store
    from akia.store.writer import Batch

LOOK_EVERY_SECONDS = 1.0
"""How soon a new event goes out, and how soon another worker takes over."""
SECONDS_TO_END = 2.0
"""How long the end of a worker waits for what is on its way, so that it need not be sent again."""

log = logging.getLogger("akia.jobs")


class SinkFigures(NamedTuple):
    """How a sink stands, as the worker that ships for it knows it. `lag_seconds` is the age of the oldest event that waits."""

    name: str
    sent: int
    failures: int
    refused: int
    is_failing: bool
    lag_events: int
    lag_seconds: float


class ShipEvents:
    """`directory` holds what is kept on the disk of sinks; `do` runs a piece of work in a shared write transaction; `reader` is a store to
    look with. `targets` is None if nobody knows which sinks there are: then nothing is sent."""

    def __init__(
        self, targets: Iterable[Configured] | None, directory: Path, reader: Store, do: Do, every: float = LOOK_EVERY_SECONDS
    ) -> None:
        self._known = targets is not None
        self._targets = tuple(targets or ())
        self._directory = directory
        self._reader = reader
        self._do = do
        self._every = every
        self._under_way: dict[str, Shipping] = {}
        self._threads = ThreadPoolExecutor(max(1, len(self._targets)), thread_name_prefix="akia-sink")

    async def begin(self) -> None:
        """Have every sink a position, whichever worker ships for it: what it has not been sent is kept from here on, however long it is
        down. Before this nobody may remove old events (TrimEvents). Raises ServiceUnavailable."""
        for target in self._targets:
            await self._begin(target)

    async def run(self) -> None:
        """Until cancelled."""
        if self._known:
            self._tell_who_is_configured()
        try:
            await asyncio.gather(*(self._turns(target) for target in self._targets))
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _tell_who_is_configured(self) -> None:
        """On the disk, and in the log if somebody who is not any more still has a position, before which no event ends."""
        names = {target.name for target in self._targets}
        try:
            note_configured(self._directory, names)
            left = sorted(sinks_of(self._reader).keys() - names)
        except (OSError, ServiceUnavailable) as error:
            log.error("which sinks are configured cannot be noted: %s", type(error).__name__)
            return
        for name in left:
            log.warning("sink %s is configured no more: the events that it has not been sent are kept. `akia sinks forget %s`", name, name)

    def figures(self, now: float) -> list[SinkFigures]:
        """How those sinks stand that this worker ships for, at `now` (epoch seconds). Looks into the store; raises ServiceUnavailable."""
        newest = self._reader.event_stream.newest() if self._under_way else 0
        return [self._figures_of(shipping, newest, now) for shipping in self._under_way.values()]

    def _figures_of(self, one: Shipping, newest: int, now: float) -> SinkFigures:
        waiting = self._reader.event_stream.after(one.position, 1)
        age = max(0.0, now - waiting[0].event.at_ms / 1000) if waiting else 0.0
        return SinkFigures(one.name, one.sent, one.failures, one.refusals, one.is_failing, max(0, newest - one.position), age)

    async def _turns(self, target: Configured) -> None:
        """Ship for the sink while its lock is ours; else look again and again whether nobody has it."""
        lock = SinkFiles(self._directory, target.name).lock()
        while True:
            try:
                if lock.take():
                    await self._ship(target)
            except Exception as error:
                log.error("sink %s: nothing is sent: %s", target.name, type(error).__name__)
            finally:
                self._under_way.pop(target.name, None)
                lock.release()
            await asyncio.sleep(self._every)

    async def _ship(self, target: Configured) -> None:
        store = self._reader.another()
        try:
            shipping = Shipping(target, store, await self._begun(target), SinkFiles(self._directory, target.name))
            self._under_way[target.name] = shipping
            while True:
                pause = await self._round(shipping)
                await asyncio.sleep(pause)
        finally:
            store.close()

    async def _begin(self, target: Configured) -> int:
        """Where the sink stands. One that has never begun does so now, in writing: what comes in from here on is not missed."""
        reader = reader_of(target.name)
        position = self._reader.event_stream.position(reader)
        if position is None:
            begin = partial(_begin, reader=reader, from_now=target.from_now)
            position = await self._do(begin)
        return position

    async def _begun(self, target: Configured) -> int:
        """The same, however often that takes."""
        while True:
            try:
                return await self._begin(target)
            except ServiceUnavailable as error:
                log.warning("sink %s waits for the store: %s", target.name, error.detail or error.message)
                await asyncio.sleep(self._every)

    async def _round(self, shipping: Shipping) -> float:
        """One delivery. The seconds until the next one."""
        try:
            number = await self._in_thread(shipping)
        except ServiceUnavailable as error:
            log.warning("sink %s waits for the store: %s", shipping.name, error.detail or error.message)
            return FIRST_WAIT
        except Exception as error:
            return shipping.failed(error)
        return 0.0 if number is not None else self._every

    async def _in_thread(self, shipping: Shipping) -> int | None:
        """What became of the next delivery, with the position kept; of one that is on its way when everything ends, too."""
        delivery = asyncio.get_running_loop().run_in_executor(self._threads, shipping.next)
        try:
            number = await asyncio.shield(delivery)
        except asyncio.CancelledError:
            done, _ = await asyncio.wait([delivery], timeout=SECONDS_TO_END)
            if done and delivery.exception() is None and (number := delivery.result()) is not None:
                with suppress(ServiceUnavailable):
                    await self._keep(shipping.name, number)
            raise
        await self._kept(shipping, number)
        return number

    async def _kept(self, shipping: Shipping, number: int | None) -> None:
        """The position in the store, however often that takes: what is delivered is not delivered again for want of a line."""
        while number is not None and shipping.position < number:
            try:
                await self._keep(shipping.name, number)
                shipping.advanced(number)
            except ServiceUnavailable as error:
                log.warning("sink %s waits for the store: %s", shipping.name, error.detail or error.message)
                await asyncio.sleep(self._every)

    async def _keep(self, name: str, number: int) -> None:
        await self._do(lambda batch: batch.store.event_stream.advance(reader_of(name), number))


def _begin(batch: Batch, *, reader: str, from_now: bool) -> int:
    return batch.store.event_stream.begin(reader, from_now=from_now)
