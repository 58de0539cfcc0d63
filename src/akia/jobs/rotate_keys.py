"""Rotations go on beside requests: each step that is due, one a transaction, by whichever worker is first.

A step is looked for with what is indexed. Before a key is made inactive or deleted everything that was answered is indexed first, and the
step is looked for once more in the transaction that takes it. Whoever is killed in between leaves a rotation that anybody can go on with.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from akia.authority import rotating
from akia.aws.errors import ServiceUnavailable
from akia.identity.key_rotation import RotationState
from akia.identity.rotation_course import looked_at
from akia.identity.rotation_steps import next_step
from akia.jobs.deliver_keys import DeliverKeys
from akia.jobs.due_keys import DueKeys
from akia.jobs.own_savepoint import in_own_savepoint
from akia.jobs.periodic import repeat
from akia.jobs.raise_alerts import RaiseAlerts
from akia.jobs.rotation_alerts import events_of, finding_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.alerts_out import AlertSettings
    from akia.authority.authority import Authority
    from akia.identity.key_rotation import KeyRotation
    from akia.identity.rotation_steps import Step
    from akia.jobs.periodic import Do
    from akia.store.store import Store
    from akia.store.writer import Batch

EVERY_SECONDS = 1.0
MOST_AT_ONCE = 50
MOST_DELIVERIES = 4
"""So many targets get a key at one time, each in a thread."""
PATIENCE_SECONDS = 1.0
"""So long at most the next look at all rotations waits for targets."""
WHO = "akia rotation"

log = logging.getLogger("akia.jobs")


class RotateKeys:
    """Looks with `authority`'s store, at `clock`'s time."""

    def __init__(self, authority: Authority, settings: AlertSettings, clock: Callable[[], float] = time.time) -> None:
        self._authority = authority
        self._clock = clock
        self._raise = RaiseAlerts(settings, clock)
        self._deliver = DeliverKeys(authority, self._raise, clock)
        self._due_keys = DueKeys(authority, self._raise, clock)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._looked_at: dict[str, int] = {}

    async def run(self, do: Do) -> None:
        """Until cancelled. `do` runs a piece of work in a shared write transaction."""
        await repeat(partial(self.once, do), EVERY_SECONDS, "rotations wait")

    async def once(self, do: Do) -> None:
        """Every step that there is to take. One rotation that cannot go on keeps no other from it."""
        await self._alone("keys that are due are not looked for", self._due_keys.once(do))
        for rotation in self._candidates():
            await self._alone(f"the rotation {rotation.id} cannot go on", self._go_on(rotation, do))
        await self._wait_for_deliveries()

    async def _alone(self, what: str, work: Awaitable[None]) -> None:
        """What goes wrong with one of them keeps nothing else from going on. Raises ServiceUnavailable."""
        try:
            await work
        except ServiceUnavailable:
            raise
        except Exception as error:
            log.error("%s: %s", what, type(error).__name__)  # not its text: it may quote a secret (NT-67)

    def _candidates(self) -> list[KeyRotation]:
        """Those that somebody is to look at now, and those whose inactive key was called."""
        rotations, now = self._authority.store.rotations, self._now()
        self._authority.begin_reading()
        try:
            due = {rotation.id: rotation for rotation in rotations.due(now, MOST_AT_ONCE)}
            disturbed = self._disturbed(rotations.with_inactive_key())
            called = [rotation for rotation in disturbed if rotation.id not in due and self._step(rotation) is not None]
        finally:
            self._authority.end_reading()
        return [*due.values(), *called]

    def _disturbed(self, waiting: list[KeyRotation]) -> list[KeyRotation]:
        """Those that may not wait. Each event is looked at once: whoever only names a key can have many refused (NT-93)."""
        store = self._authority.store
        newest = store.event_stream.newest()
        disturbed = [rotation for rotation in waiting if rotating.is_disturbed(store, rotation, self._looked_at.get(rotation.id, 0))]
        calm = {rotation.id for rotation in waiting} - {rotation.id for rotation in disturbed}
        self._looked_at = dict.fromkeys(calm, newest)
        return disturbed

    async def _go_on(self, rotation: KeyRotation | None, do: Do) -> None:
        while rotation is not None and not rotation.is_over:
            step = self._look(rotation)
            if step is not None and step.deliver:
                await self._begin_delivery(rotation, step.deliver, do)
                return
            rotation = await do(self._entering(rotation, step))
            if step is None:
                return

    async def _begin_delivery(self, rotation: KeyRotation, target: str, do: Do) -> None:
        """Targets may take minutes: they get the key beside the other rotations, of which one may need its key back at once."""
        mine = await self._deliver.claim(rotation, target, do) if len(self._deliveries) < MOST_DELIVERIES else None
        if mine is not None:
            work = self._alone(f"the rotation {rotation.id} cannot go on", self._delivering(mine, target, do))
            self._deliveries.add(asyncio.create_task(work))

    async def _delivering(self, rotation: KeyRotation, target: str, do: Do) -> None:
        await self._go_on(await self._deliver.once(rotation, target, do), do)

    async def _wait_for_deliveries(self) -> None:
        """A moment, which is enough for files. Raises what stopped one: ServiceUnavailable."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self._deliveries:
                    done, _ = await asyncio.wait(self._deliveries, return_when=asyncio.FIRST_COMPLETED)
                    self._deliveries -= done
                    for delivery in done:
                        delivery.result()

    def _look(self, rotation: KeyRotation) -> Step | None:
        self._authority.begin_reading()
        try:
            step = self._step(rotation)
            if step is not None and (step.still or step.delete or step.to == RotationState.QUIET):
                self._authority.drain_journals()
                step = self._step(rotation)
            return step
        finally:
            self._authority.end_reading()

    def _step(self, rotation: KeyRotation) -> Step | None:
        now = self._now()
        return next_step(rotation, rotating.seen(self._authority.store, rotation, now), now)

    def _entering(self, rotation: KeyRotation, step: Step | None) -> Callable[[Batch], KeyRotation | None]:
        return lambda batch: self.enter(rotation, step, batch)

    def enter(self, rotation: KeyRotation, step: Step | None, batch: Batch) -> KeyRotation | None:
        """Take `step`, if it still is the one to take and nobody else has written the rotation; note that there is none if it is None.

        The rotation afterwards; None if nothing was done. Raises only if the whole batch is lost.
        """
        what = f"a step of the rotation {rotation.id} is not taken"
        return in_own_savepoint(batch, what, lambda store: self._enter(rotation, step, store))

    def _enter(self, rotation: KeyRotation, step: Step | None, store: Store) -> KeyRotation | None:
        now = self._now()
        found = rotating.seen(store, rotation, now)
        if next_step(rotation, found, now) != step:
            return None
        if step is None:
            after = looked_at(rotation, found, now)
            return after if store.rotations.advance(rotation, after) else None
        taken = rotating.take(store, rotation, step, found, WHO, now)
        if taken is None:
            return None
        user = store.users.with_id(rotation.owner)
        for event in events_of(rotation, step, user.name if user is not None else rotation.user_name, WHO):
            store.outbox.add(event)
        if step.alert:
            self._raise.enter(finding_of(rotation, step, found, store, now), store)
        return taken

    def _now(self) -> int:
        return int(self._clock() * 1000)
