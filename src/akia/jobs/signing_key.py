"""The key that digests and results of queries are signed with: made when there is none, and when the last one has come to its end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from akia.identity.trail_delivery import TrailKey
from akia.keyring import Unsealable
from akia.trail.signing import fingerprint, new_key_pair

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.store.store import Store
    from akia.store.writer import Batch
    from akia.trail.signing import KeyPair

KEY_SECONDS = 90 * 86_400
"""How long a key signs."""

log = logging.getLogger("akia.jobs")


async def signing_key(reader: Store, do: Callable[[Callable[[Batch], Any]], Awaitable[Any]], now: int) -> bytes | None:
    """The private key that signs `now` (epoch seconds), made if there is none. None if it cannot be read: then nothing is signed."""
    key = _current(reader, now)
    if key is None:
        pair = await asyncio.to_thread(new_key_pair)
        await do(lambda batch: add_key(batch, pair, now))
        key = _current(reader, now)
        assert key is not None
    try:
        return reader.trail_keys.private(key)
    except Unsealable:
        log.error("the key %s, which digests and results are signed with, cannot be read: nothing is signed", key.fingerprint)
        return None


def add_key(batch: Batch, pair: KeyPair, now: int) -> None:
    """Make `pair` the key to sign with, unless another worker has made one."""
    if _current(batch.store, now) is None:
        batch.store.trail_keys.add(TrailKey(fingerprint(pair.public), now, now + KEY_SECONDS, pair.public), pair.private)


def _current(store: Store, now: int) -> TrailKey | None:
    """The key to sign with; None if there is none that is valid."""
    valid = [key for key in store.trail_keys.all() if key.created <= now < key.ends]
    return valid[-1] if valid else None
