"""Bulk loading: a crowd written straight into the store of an akia that is stopped, since a million users are too many for the wire."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akia.aws.ids import Prefix, new_id
from akia.identity.access_key import AccessKey
from akia.identity.managed_policy import ManagedPolicy
from akia.identity.user import User
from akia.store.database import Database
from akia.store.master_key import MasterKeyVariable
from akia.store.opening import open_store
from bench.crowd import KEYS_EACH, Crowd, secret
from bench.population import POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.store.store import Store
    from bench.akia_server import Authority

CREATED = 1_700_000_000
CHUNK = 10_000
"""Users to a transaction."""
POLICIES = 10
"""Managed policies that a user with many statements has: as many as IAM lets one attach."""


@contextmanager
def opened(authority: Authority) -> Iterator[Store]:
    """The store of a stopped akia."""
    store = open_store(Database(authority.database), MasterKeyVariable({"AKIA_MASTER_KEY": authority.master_key}))
    try:
        yield store
    finally:
        store.close()


def settle_crowd(authority: Authority, size: int) -> Crowd:
    """Add `size` keys, two to a user, each user with one managed policy that all of them share."""
    with opened(authority) as store:
        crowd = Crowd(store.accounts.all()[0].id, size)
        policies = [_policy(store, crowd.account, 0, POLICY)]
        for begin in range(0, crowd.users, CHUNK):
            with _transaction(store):
                _add_users(store, crowd, range(begin, min(begin + CHUNK, crowd.users)), policies)
        return crowd


def settle_scholars(authority: Authority, statements: int) -> Crowd:
    """Add a hundred keys whose users have `statements` statements each, in ten managed policies; the last one allows what will be asked."""
    with opened(authority) as store:
        crowd = Crowd(store.accounts.all()[0].id, 100)
        shares = [_document(statements // POLICIES, share, last=share == POLICIES - 1) for share in range(POLICIES)]
        with _transaction(store):
            policies = [_policy(store, crowd.account, number, document) for number, document in enumerate(shares)]
            _add_users(store, crowd, range(crowd.users), policies)
        return crowd


def _document(statements: int, share: int, *, last: bool) -> str:
    """A policy of so many statements about many services and resources. Only the final statement of the last share says `iam:Get*`."""
    services = ("s3:Get", "s3:Put", "ssm:Get", "ssm:Delete", "secretsmanager:Put", "sqs:Send", "dynamodb:Batch", "iam:Create")
    made = [
        {"Effect": "Allow", "Action": f"{services[number % 8]}Thing{number}*", "Resource": f"arn:aws:*:::team-{share}-{number}/*"}
        for number in range(statements)
    ]
    if last:
        made[-1] = {"Effect": "Allow", "Action": "iam:Get*", "Resource": "arn:aws:iam::*:user/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": made})


def _policy(store: Store, account: str, number: int, document: str) -> str:
    id_ = new_id(Prefix.MANAGED_POLICY, account)
    store.managed_policies.add(ManagedPolicy(account, id_, f"bench-{number}", "/", CREATED, CREATED, "v1", 1), document)
    return id_


def _add_users(store: Store, crowd: Crowd, numbers: range, policies: list[str]) -> None:
    keys: list[tuple[AccessKey, str]] = []
    for number in numbers:
        held = range(number * KEYS_EACH, min((number + 1) * KEYS_EACH, crowd.size))
        id_ = crowd.user_id(number)
        store.users.add(User(crowd.account, id_, crowd[held[0]].user, "/", CREATED))
        keys.extend((AccessKey(crowd.account, crowd[index].access_key_id, id_, CREATED), secret(index)) for index in held)
        for policy in policies:
            store.attachments.attach(policy, id_, crowd.account)
    store.access_keys.add_many(keys)


@contextmanager
def _transaction(store: Store) -> Iterator[None]:
    store.connection.begin_immediate()
    yield
    store.connection.commit()
    store.changed.clear()
