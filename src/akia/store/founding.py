"""The first rows of a new akia: the account, its root user's key, an administrator. Before them there is nobody who could ask for them.

Every function works inside a write transaction of the caller's, who also records the event.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.ids import Prefix, new_id, new_secret
from akia.identity.access_key import AccessKey
from akia.identity.account import Account
from akia.identity.user import User
from akia.store.errors import IdTaken
from akia.store.iam.aws_managed_policies import bring_managed_policies

if TYPE_CHECKING:
    from akia.store.store import Store

ADMINISTRATOR = "administrator"
_ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key with its secret, which is seen only now."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def new_account_id() -> str:
    """Twelve digits at random, so that ids made here are not those of a real AWS account (W10.12)."""
    return f"{secrets.randbelow(9 * 10**11) + 10**11}"


def found_account(store: Store, account: str, now: int) -> None:
    """The account `account` (twelve digits), and AWS's managed policies for it to attach. `now` is in epoch seconds."""
    store.accounts.add(Account(account, "akia", now))
    bring_managed_policies(store)


def add_root_key(store: Store, account: str, now: int) -> KeyPair:
    """One more key of the account's root user."""
    return _add_key(store, account, account, now)


def add_administrator(store: Store, account: str, now: int, name: str = ADMINISTRATOR) -> KeyPair:
    """A user who may do everything, with a key."""
    user = User(account, new_id(Prefix.USER, account), name, "/", now)
    store.users.add(user)
    policy = store.managed_policies.with_arn(_ADMINISTRATOR_ACCESS)
    assert policy is not None
    store.attachments.attach(policy.id, user.id, account)
    return _add_key(store, account, user.id, now)


def _add_key(store: Store, account: str, owner: str, now: int) -> KeyPair:
    while True:
        pair = KeyPair(new_id(Prefix.ACCESS_KEY, account), new_secret())
        try:
            store.access_keys.add(AccessKey(account, pair.access_key_id, owner, now), pair.secret_access_key)
        except IdTaken:  # W10.9
            continue
        return pair
