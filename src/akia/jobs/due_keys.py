"""Keys that become too old for the policy of their account: replaced by themselves where that is possible, else somebody is reminded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from akia.alerts import Finding, Severity
from akia.authority import rotating
from akia.authority.issuing import ROTATION_SLOT
from akia.authority.operator import Operator
from akia.authority.rotating import Beginning
from akia.identity.access_key import KeyStatus
from akia.identity.rotation_policy import RotationMode, RotationReminder
from akia.jobs.own_savepoint import in_own_savepoint
from akia.jobs.rotation_alerts import DUE
from akia.store.indexer import to_payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akia.authority.authority import Authority
    from akia.identity.access_key import AccessKey
    from akia.identity.rotation_policy import RotationPolicy
    from akia.jobs.periodic import Do
    from akia.jobs.raise_alerts import RaiseAlerts
    from akia.store.store import Store

EVERY_SECONDS = 60.0
PAGE = 50
PAUSE_SECONDS = 0.005
WHO = "akia rotation policy"


class DueKeys:
    def __init__(self, authority: Authority, alerts: RaiseAlerts, clock: Callable[[], float]) -> None:
        self._authority = authority
        self._raise = alerts
        self._clock = clock
        self._looked = float("-inf")

    async def once(self, do: Do) -> None:
        """Once a minute: every key of every account with a policy, unless the account is closed."""
        now = self._clock()
        if 0 <= now - self._looked < EVERY_SECONDS:
            return
        self._looked = now
        for policy in self._policies():
            await self._look_at(policy, do)

    def _policies(self) -> Iterator[RotationPolicy]:
        store = self._authority.store
        for policy in store.rotation_policies.all():
            account = store.accounts.get(policy.account)
            if account is not None and account.closed is None:
                yield policy

    async def _look_at(self, policy: RotationPolicy, do: Do) -> None:
        """With pauses for requests that wait."""
        after, created = "", policy.looks_from(self._now())
        while page := self._authority.store.rotation_policies.old_keys(policy.account, created, after, PAGE):
            for key, told in page:
                stage = policy.stage(key.created, self._now())
                if stage is not None and (stage < told or (stage == 0 and policy.mode == RotationMode.ROTATE)):
                    await self._treat(policy, key, stage, told, do)
            after = page[-1][0].id
            await asyncio.sleep(PAUSE_SECONDS)

    async def _treat(self, policy: RotationPolicy, key: AccessKey, stage: int, told: int, do: Do) -> None:
        """Only what is to be written takes a turn to write."""
        if self._authority.store.rotations.open_of(key.owner) is not None:
            return  # this key is being replaced, or another one, after which it is this one's turn
        if self._plan(self._authority.store, policy, key) is not None:
            if stage == 0:
                what = f"the key {key.id} is due and not rotated"
                await do(lambda batch: in_own_savepoint(batch, what, lambda store: self._rotate(policy, key, store)))
        elif stage < told:
            what = f"nobody is reminded of the key {key.id}"
            await do(lambda batch: in_own_savepoint(batch, what, lambda store: self._remind(policy, key, stage, store)))

    def _plan(self, store: Store, policy: RotationPolicy, key: AccessKey) -> Beginning | None:
        """How a key would be rotated by itself; None if it cannot: no target takes the user's keys, the user has two active keys, of which
        nobody here knows which one the target holds, or no room for another, or it was tried and rolled back."""
        user = store.users.with_id(key.owner) if policy.mode == RotationMode.ROTATE else None
        targets = self._authority.rotation_targets.for_user(policy.account, user.name) if user is not None else []
        if not targets or store.rotations.was_rolled_back(key.owner, key.id):
            return None
        keys = store.access_keys.of(key.owner)
        active = [each.id for each in keys if each.status is KeyStatus.ACTIVE]
        if active != [key.id] or len(keys) >= self._authority.quotas.access_keys_per_user + ROTATION_SLOT:
            return None
        return Beginning(targets, policy.quiet_ms, policy.inactive_ms, WHO)

    def _rotate(self, policy: RotationPolicy, key: AccessKey, store: Store) -> None:
        """Exactly once, whoever else tries: who is second finds the rotation open."""
        current, user = store.access_keys.get(key.id), store.users.with_id(key.owner)
        plan = self._plan(store, policy, key)
        if current is None or user is None or plan is None or store.rotations.open_of(key.owner) is not None:
            return
        _, issued = rotating.begin(store, self._authority.quotas, current, user, plan, self._now())
        store.outbox.add(to_payload(Operator(policy.account, WHO).made_key(issued.key.id, user.name)))

    def _remind(self, policy: RotationPolicy, key: AccessKey, stage: int, store: Store) -> None:
        user, current = store.users.with_id(key.owner), store.access_keys.get(key.id)
        if user is None or current is None or store.rotation_policies.told(key.id) <= stage:
            return
        store.rotation_policies.remind(RotationReminder(key.id, stage))
        when = f"is due for rotation in {stage} days" if stage else f"is older than {policy.every_days} days"
        told = f"The access key {key.id} of {user.name} {when}."
        severity = Severity.MEDIUM if stage == 0 else Severity.LOW
        self._raise.enter(Finding(DUE, severity, policy.account, key.id, str(stage), told, "", self._now()), store)

    def _now(self) -> int:
        return int(self._clock() * 1000)
