"""The one place that makes an access key: IAM's CreateAccessKey, akia's, and rotation ask it.

What is checked here is checked for all of them, in the transaction that the key is written in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from akia.authority.fresh_ids import with_fresh_id
from akia.authority.key_naming import require_named_well
from akia.aws.errors import LimitExceeded
from akia.aws.ids import Prefix, new_secret
from akia.identity.access_key import AccessKey
from akia.identity.key_attributes import SAYS_NOTHING
from akia.identity.limit import Scope

if TYPE_CHECKING:
    from akia.identity.key_attributes import KeyAttributes
    from akia.identity.quotas import Quotas
    from akia.store.store import Store

ROTATION_SLOT = 1
"""So many keys more than the quota says a user may have while one of them is being replaced (O15)."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key, and the only sight of its secret."""

    key: AccessKey
    attributes: KeyAttributes
    secret: str = field(repr=False)


def issue(store: Store, quotas: Quotas, account: str, owner: str, now: int, attributes: KeyAttributes = SAYS_NOTHING) -> Issued:
    """A new key of `owner`: a user by its unique id, or the root user by the account's id. `now` is in epoch seconds.

    Call it inside a write transaction. Raises BreaksNamingRule if the account wants its keys to say something else of themselves, and
    LimitExceeded (P5.3-9).
    """
    require_named_well(store, account, attributes)
    return _issue(store, quotas, account, owner, now, attributes)


def issue_successor(store: Store, quotas: Quotas, key: AccessKey, now: int) -> Issued:
    """A key that takes the place of `key`, in the slot that an open rotation has: for the same owner, with the same attributes, tags and
    restrictions.

    No naming rule stops it: what `key` says of itself was good enough when it was made. Otherwise as `issue`.
    """
    issued = _issue(store, quotas, key.account, key.owner, now, store.key_attributes.of(key.id), ROTATION_SLOT)
    _bind_alike(store, key, issued.key)
    return issued


def _bind_alike(store: Store, old: AccessKey, new: AccessKey) -> None:
    """What binds `old` binds `new`: restrictions, lifetime and limit. A successor is no way around them."""
    restrictions, lifetime = store.restricted_keys.get(old.id), store.key_lifetimes.get(old.id)
    limit = store.limits.get(old.account, Scope.KEY, old.id, "")
    if restrictions is not None:
        store.restricted_keys.put(new.id, restrictions.inherited(new.created - old.created))
    if lifetime is not None:
        store.key_lifetimes.put(new.account, new.id, lifetime)
    if limit is not None:
        store.limits.put(replace(limit, subject=new.id, access_key=new.id))


def _issue(store: Store, quotas: Quotas, account: str, owner: str, now: int, attributes: KeyAttributes, extra: int = 0) -> Issued:
    _require_room(len(store.access_keys.of(owner)), quotas.access_keys_per_user, extra)
    secret = new_secret()
    key = with_fresh_id(
        account, Prefix.ACCESS_KEY, lambda fresh: AccessKey(account, fresh, owner, now), lambda key: store.access_keys.add(key, secret)
    )
    if attributes != SAYS_NOTHING:
        store.key_attributes.put(key.id, attributes)
    return Issued(key, attributes, secret)


def _require_room(held: int, limit: int, extra: int) -> None:
    if held >= limit + extra:
        raise LimitExceeded(f"Cannot exceed quota for AccessKeysPerUser: {limit}")
