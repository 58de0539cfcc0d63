"""Trails deliver: log files every few minutes, a digest every hour, and whatever is written goes on its way until it has arrived.

Events are written into files in the transaction that moves the trail's position, so each is in one file, once. A file waits in the
database until its bucket has taken it: a bucket that is down delays, and loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING

from akia.jobs.periodic import Periodic
from akia.jobs.signing_key import signing_key
from akia.jobs.trail_digests import digest_step
from akia.jobs.trail_logs import Reach, log_step, open_chain
from akia.outbound.buckets import BucketError

if TYPE_CHECKING:
    from akia.identity.trail import Trail
    from akia.identity.trail_delivery import TrailFile
    from akia.jobs.periodic import Clock, Do
    from akia.jobs.trail_digests import DigestStep
    from akia.outbound.buckets import Buckets
    from akia.store.store import Store
    from akia.store.writer import Batch

JOB = "trails"
LEASE_SECONDS = 60
SETTLED_SECONDS = 15
"""How long after the end of logging its last events may still come in: journals are indexed once a second."""
LONGEST_WAIT = 300
FILES = 50

log = logging.getLogger("akia.jobs")


class DeliverTrails(Periodic):
    """Of several workers one delivers, as long as it lives."""

    trouble = "trails wait"

    def __init__(
        self,
        reader: Store,
        buckets: Buckets,
        do: Do,
        *,
        every: int = 300,
        digest_every: int = 3_600,
        clock: Clock = time.time,
    ) -> None:
        """`every` and `digest_every` are the seconds between log files, and between digests."""
        super().__init__(reader, do, clock)
        self.every = min(5.0, every / 2)
        self._buckets = buckets
        self._every = every
        self._digest_every = digest_every
        self._myself = secrets.token_hex(8)
        self._leased_until = 0
        self._window = -1
        self._read_at = 0
        self._failures: dict[str, tuple[int, float]] = {}
        """Buckets that did not take a file: how often in a row, and when to try again."""

    async def once(self) -> None:
        """One round: what is due is written, what waits is delivered."""
        trails = self._reader.trails.all()
        if not (trails or self._reader.trail_files.undelivered(limit=1)) or not await self._has_lease():
            return
        now = int(self._clock())
        if now // self._every != self._window:
            for trail in trails:
                await self._write_logs(trail, now)
            self._window, self._read_at = now // self._every, now
        for trail in trails:
            await self._write_digests(trail, now)
            await self._let_go(trail)
        await self._deliver()

    async def _has_lease(self) -> bool:
        """Whether this worker delivers. Asked often, written rarely."""
        now = int(self._clock())
        if now + LEASE_SECONDS // 2 < self._leased_until:
            return True
        until = now + LEASE_SECONDS
        taken = bool(await self._do(lambda batch: batch.store.job_leases.take(JOB, self._myself, now, until)))
        self._leased_until = until if taken else 0
        return taken

    # Log files

    async def _write_logs(self, trail: Trail, now: int) -> None:
        """Everything that has happened so far."""
        opened = self._opened(trail, now)
        while (step := log_step(self._reader, trail)) is not None:
            files = await asyncio.to_thread(step.files, now)
            await self._do(partial(step.enter, files=files, opened=opened))  # if another worker has taken it, the next one is what is left
        if trail.is_logging and trail.validated:
            await self._open_chains(trail, opened)

    def _opened(self, trail: Trail, now: int) -> int:
        """When a chain of digests that is needed now begins: just before the files that are written now, or before the end of logging. Of
        files from before, which no digest names, it must not say that somebody has put them in."""
        end = trail.logging[-1][1] if trail.logging else 0
        return min(end or now, now) - 1

    async def _open_chains(self, trail: Trail, opened: int) -> None:
        """At home there are digests even if nothing ever happens, and so there are wherever something has."""
        lanes = {(lane.account, lane.region): lane for lane in self._reader.trail_lanes.of(trail.id)}
        wanted = [key for key, lane in lanes.items() if not lane.digested_until]
        home = (trail.account, trail.region)
        for account, region in [*wanted, *([] if home in lanes else [home])]:
            await self._do(partial(_open, trail=trail, account=account, region=region, opened=opened))

    # Digests

    async def _write_digests(self, trail: Trail, now: int) -> None:
        last = not trail.validated or self._is_over(trail)
        reach = Reach(self._reader, trail)
        for lane in self._reader.trail_lanes.of(trail.id):
            step = digest_step(self._reader, trail, lane, reach, now, self._digest_every, last=last)
            if step is not None:
                await self._sign(step, now)

    async def _sign(self, step: DigestStep, now: int) -> None:
        private = await signing_key(self._reader, self._do, now)
        if private is not None:
            digest = await asyncio.to_thread(step.signed, private)
            body = digest.file.compressed
            await self._do(lambda batch: step.enter(batch, digest, body))

    # The end

    def _is_over(self, trail: Trail) -> bool:
        """Whether the trail has stopped logging, and everything from before has been read."""
        ends = max((end for _, end in trail.logging), default=trail.ended)
        return not trail.is_logging and ends + SETTLED_SECONDS <= self._read_at

    async def _let_go(self, trail: Trail) -> None:
        """A deleted trail is forgotten when its last digest is written. Files on their way stay until they have arrived."""
        if not trail.ended or not self._is_over(trail):
            return
        if all(not lane.digested_until for lane in self._reader.trail_lanes.of(trail.id)):
            await self._do(lambda batch: _forget(batch.store, trail))

    # Delivery

    async def _deliver(self) -> None:
        """Everything that waits, in the order in which it was written: a digest never comes before its logs. A bucket that fails holds up
        nothing but what goes into it."""
        after, waiting = 0, set[str]()
        while files := self._reader.trail_files.undelivered(after, FILES):
            for file in files:
                after = file.number
                if file.bucket not in waiting and (not await self._has_lease() or not await self._arrives(file)):
                    waiting.add(file.bucket)

    async def _arrives(self, file: TrailFile) -> bool:
        if self._failures.get(file.bucket, (0, 0.0))[1] > self._clock():
            return False
        body = self._reader.trail_files.body(file.number)
        if body is None:
            return True
        try:
            await asyncio.to_thread(self._buckets.put, file.bucket, file.key, body, file.metadata)
        except BucketError as error:
            await self._failed(file, error.code)
            return False
        self._failures.pop(file.bucket, None)
        now = int(self._clock())
        await self._do(lambda batch: _arrived(batch.store, file, now))
        return True

    async def _failed(self, file: TrailFile, code: str) -> None:
        now = self._clock()
        failures = self._failures.get(file.bucket, (0, 0.0))[0] + 1
        wait = min(LONGEST_WAIT, 2.0**failures) * secrets.SystemRandom().uniform(0.75, 1.0)  # many do not come back at once
        self._failures[file.bucket] = failures, now + wait
        log.warning("the bucket %s does not take a trail's file (%s): again in %d s", file.bucket, code, wait)
        await self._do(lambda batch: batch.store.trail_lanes.failed(file, int(now), code))


def _open(batch: Batch, *, trail: Trail, account: str, region: str, opened: int) -> None:
    open_chain(batch.store, trail, account, region, opened)


def _arrived(store: Store, file: TrailFile, now: int) -> None:
    store.trail_files.delivered(file)
    store.trail_lanes.delivered(file, now)


def _forget(store: Store, trail: Trail) -> None:
    store.trail_lanes.forget(trail.id)
    store.event_stream.forget(trail.reader)
    store.trails.delete(trail)
