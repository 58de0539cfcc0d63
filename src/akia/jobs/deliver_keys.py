"""A new key goes to where it is used, outside of any transaction. Whoever delivers says so in the store first, so that nobody else does."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from akia.identity import rotation_course as course
from akia.jobs.own_savepoint import in_own_savepoint
from akia.jobs.rotation_alerts import stuck
from akia.keyring import Unsealable
from akia.rotation_targets import DeliveredKey, NotDelivered

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.authority.authority import Authority
    from akia.identity.key_rotation import KeyRotation
    from akia.jobs.periodic import Do
    from akia.jobs.raise_alerts import RaiseAlerts
    from akia.rotation_targets import NamedTarget
    from akia.store.store import Store

MARGIN_SECONDS = 10.0
PATIENT_ATTEMPTS = 3
"""After so many failures in a row somebody should know."""
GONE = "the file of targets has no such target for this user any more"

log = logging.getLogger("akia.jobs")


class DeliverKeys:
    def __init__(self, authority: Authority, alerts: RaiseAlerts, clock: Callable[[], float]) -> None:
        self._authority = authority
        self._raise = alerts
        self._clock = clock

    async def claim(self, rotation: KeyRotation, name: str, do: Do) -> KeyRotation | None:
        """The rotation, in which it now stands that somebody delivers to the target `name`; None if somebody else was first."""
        target = self._target(rotation, name)
        seconds = target.target.seconds if target is not None else 0.0
        mine = course.claimed(rotation, self._now(), int((seconds + MARGIN_SECONDS) * 1000))
        return mine if await do(lambda batch: batch.store.rotations.advance(rotation, mine)) else None

    async def once(self, mine: KeyRotation, name: str, do: Do) -> KeyRotation | None:
        """One delivery to the target `name` that is claimed in `mine`. The rotation afterwards, if it can go on at once."""
        problem = await self._deliver(mine, self._target(mine, name))
        if problem:
            log.warning("the key %s is not delivered to %s: %s", mine.staying, name, problem)
            what = f"a failed delivery of {mine.staying} is not noted"
            await do(lambda batch: in_own_savepoint(batch, what, lambda store: self._failed(mine, name, problem, store)))
            return None
        after = course.delivered(mine, name, self._now())
        return after if await do(lambda batch: batch.store.rotations.advance(mine, after)) else None

    def _target(self, rotation: KeyRotation, name: str) -> NamedTarget | None:
        return self._authority.rotation_targets.get(name, rotation.account, rotation.user_name)

    async def _deliver(self, rotation: KeyRotation, target: NamedTarget | None) -> str:
        """ "" if it is done, else why not: a text without any secret.

        On the way back a target that the operator has taken away is given up when he has been told: else the rotation could never end.
        """
        if target is None:
            return "" if rotation.goes_back and rotation.attempts > PATIENT_ATTEMPTS else GONE
        try:
            secret = self._authority.store.access_keys.secret(rotation.staying)
        except Unsealable:
            return "the stored secret cannot be read"
        if secret is None:
            return "there is no such key any more"
        user = rotation.user_name
        key = DeliveredKey(rotation.account, user, rotation.staying, secret.decode("ascii"), replaces=rotation.leaving)
        try:
            await _in_own_thread(partial(target.target.deliver, key))
        except NotDelivered as error:
            return str(error)
        except Exception as error:
            return type(error).__name__  # not its text, which may quote the secret
        return ""

    def _failed(self, rotation: KeyRotation, name: str, problem: str, store: Store) -> None:
        after = course.not_delivered(rotation, problem, self._now())
        if store.rotations.advance(rotation, after) and rotation.attempts >= PATIENT_ATTEMPTS:
            self._raise.enter(stuck(rotation, name, problem, self._now()), store)

    def _now(self) -> int:
        return int(self._clock() * 1000)


async def _in_own_thread(work: Callable[[], None]) -> None:
    """`work`, in a thread that the end of the process does not wait for, as it would for those of `to_thread`: a command may take minutes.
    What is not done then is done anew, as after a crash. Raises what `work` raises."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            raised.append(error)
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="akia-delivery", daemon=True).start()
    await done.wait()
    if raised:
        raise raised[0]
