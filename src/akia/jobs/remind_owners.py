"""Once an hour: an event for each key that is about to expire or to come of age. The rule `key-expires` makes an alert of it, which leaves
through the channels.

What was told is remembered in the transaction of the event, so that each threshold of a key is told once, whichever worker tells it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from akia.authority.key_in_force import UNRESTRICTED, validity_of
from akia.authority.operator import Operator
from akia.aws.service_events import REMINDER
from akia.identity.access_key import KeyStatus
from akia.identity.key_reminder import is_news, threshold
from akia.jobs.periodic import Periodic
from akia.store.indexer import to_payload

if TYPE_CHECKING:
    from akia.identity.key_lifetime import Validity
    from akia.identity.listed_key import ListedKey
    from akia.store.store import Store
    from akia.store.writer import Batch

STEP_KEYS = 50
PAUSE_SECONDS = 0.005
REMEMBERED_SECONDS = 400 * 86_400
_MEMORY = "key-reminders"
_COMMAND = "akia reminders"


class RemindOwners(Periodic):
    every = 3_600.0
    trouble = "owners of keys are not reminded"
    begins_at_once = True

    async def once(self) -> None:
        """One look at every key, with pauses for requests that wait."""
        now = int(self._clock())
        for account in self._reader.accounts.all():
            if account.closed is None:
                await self._look_at(account.id, now)
        await self._do(lambda batch: batch.store.rule_states.forget(_MEMORY, (now - REMEMBERED_SECONDS) * 1000))

    async def _look_at(self, account: str, now: int) -> None:
        after = 0
        while found := self._reader.key_listing.page(account, after, STEP_KEYS):
            after = found[-1].number
            due = [listed.key.id for listed in found if passed(listed, self._reader, now) is not None]
            if due:
                await self._do(partial(_remind_all, account, due, now))
            await asyncio.sleep(PAUSE_SECONDS)


def _remind_all(account: str, key_ids: list[str], now: int, batch: Batch) -> None:
    for key_id in key_ids:
        remind(account, key_id, batch.store, now)


def passed(listed: ListedKey, store: Store, now: int) -> tuple[int, Validity] | None:
    """The threshold that is yet to be told of the key, and when it may be used; None if there is nothing new."""
    key = listed.key
    if key.status is not KeyStatus.ACTIVE:
        return None
    validity = validity_of(key, store.restricted_keys.get(key.id) or UNRESTRICTED, store)
    days = threshold(validity, now)
    if days is None or validity.expires is None:
        return None
    state = store.rule_states.get(_MEMORY, key.id)
    told = (state["expires"], state["days"]) if state is not None else None
    return (days, validity) if is_news(days, validity.expires, told) else None


def remind(account: str, key_id: str, store: Store, now: int) -> bool:
    """Tell it inside the write transaction that is open on `store`, unless somebody else has meanwhile. Whether it was told."""
    listed = store.key_listing.one(account, key_id)
    found = passed(listed, store, now) if listed is not None else None
    if listed is None or found is None:
        return False
    days, validity = found
    store.rule_states.put(_MEMORY, key_id, {"expires": validity.expires, "days": days}, now * 1000)
    user = (("AWS::IAM::User", listed.user),) if listed.user is not None else ()
    about = (("AWS::IAM::AccessKey", key_id), *user)
    store.outbox.add(to_payload(Operator(account, _COMMAND).did(REMINDER, _told(listed, days, validity), None, about, service="akia")))
    return True


def _told(listed: ListedKey, days: int, validity: Validity) -> dict[str, Any]:
    assert validity.expires is not None
    told = {
        "accessKeyId": listed.key.id,
        "userName": listed.user or "root",
        "expiresAt": f"{datetime.fromtimestamp(validity.expires, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "days": days,
        "refused": validity.refused_from is not None,
    }
    return told | ({"owner": listed.attributes.owner} if listed.attributes.owner else {})
