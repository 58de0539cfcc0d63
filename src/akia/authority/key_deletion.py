"""The one place that deletes an access key: IAM's DeleteAccessKey, rotations, and `akia root-key` ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.authority.containment import STRAGGLERS_SECONDS
from akia.authority.key_in_force import UNRESTRICTED, validity_of

if TYPE_CHECKING:
    from akia.identity.access_key import AccessKey
    from akia.store.store import Store


def delete_key(store: Store, key: AccessKey, now: int) -> None:
    """Delete `key` inside a write transaction; `now` is in epoch seconds.

    Sessions that were made with a key that is bound end: else they would be free of what has bound it, those too that are older than that.
    """
    restrictions = store.restricted_keys.get(key.id)
    if restrictions is not None or validity_of(key, UNRESTRICTED, store).binds:
        store.sessions.revoke_all(key.id, now + STRAGGLERS_SECONDS)
    store.access_keys.delete(key.id)
