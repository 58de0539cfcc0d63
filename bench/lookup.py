"""The look-up of a key that no memory knows: key, owner and policies from the store, the secret unsealed."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from bench.bulk import opened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.store.store import Store
    from bench.akia_server import Authority
    from bench.signing import Credential


def median_seconds(authority: Authority, callers: Iterable[Credential]) -> float:
    """The median time of one look-up over these keys, each looked up once, in this process. Raises ValueError if a key is not there."""
    with opened(authority) as store:
        return statistics.median(_once(store, caller.access_key_id) for caller in callers)


def _once(store: Store, access_key_id: str) -> float:
    started = time.perf_counter()
    stored = store.principals.key(access_key_id)
    if stored is None or stored.owner is None:
        raise ValueError(f"no key {access_key_id}")
    store.access_keys.unseal(stored.key, stored.sealed)
    store.principals.policies_in_force(stored.owner.id)
    return time.perf_counter() - started
