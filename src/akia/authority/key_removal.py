"""The one place that deletes an access key: IAM's DeleteAccessKey, rotations, and `akia root-key` ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.authority.containment import STRAGGLERS_SECONDS

if TYPE_CHECKING:
    from akia.store.store import Store


def remove(store: Store, key_id: str, now: int) -> None:
    """Delete the key. What restricts it binds its sessions as well, also those that are older than the restriction; since it goes with the
    key, they go, too. Call it inside a write transaction. `now` is in epoch seconds."""
    if store.restricted_keys.get(key_id) is not None:
        store.sessions.revoke_all(key_id, now + STRAGGLERS_SECONDS)
    store.access_keys.delete(key_id)
