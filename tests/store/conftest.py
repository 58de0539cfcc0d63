"""A store for each test, and some people in it. Another kind of database joins the contract as one more parameter of `database`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.identity.access_key import AccessKey
from akia.identity.account import Account
from akia.identity.group import Group
from akia.identity.managed_policy import ManagedPolicy
from akia.identity.role import Role
from akia.identity.user import User
from akia.keyring import MasterKey
from akia.store.database import Database, Durability
from akia.store.master_key import MasterKeyInMemory
from akia.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from akia.store.store import Store

ACCOUNT = "111122223333"


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    assert request.param == "sqlite"
    return Database(tmp_path / "data" / "akia.db", Durability.OFF)


@pytest.fixture
def master() -> MasterKeyInMemory:
    return MasterKeyInMemory(MasterKey.generate())


@pytest.fixture
def empty(database: Database, master: MasterKeyInMemory) -> Iterator[Store]:
    """A fresh store with nothing in it."""
    store = open_store(database, master)
    yield store
    store.close()


@pytest.fixture
def store(empty: Store) -> Store:
    """A store with two accounts."""
    empty.accounts.add(Account(ACCOUNT, "akia", 1_700_000_000))
    empty.accounts.add(Account("444455556666", "other", 1_700_000_000))
    return empty


@pytest.fixture
def alice(store: Store) -> User:
    user = User(ACCOUNT, "AIDAALICE00000000000A", "Alice", "/", 1_700_000_001, {"Team": "blue", "émile": "ö \U0001f511"})
    store.users.add(user)
    return user


@pytest.fixture
def bob(store: Store) -> User:
    user = User(ACCOUNT, "AIDABOB0000000000000B", "bob", "/engineering/", 1_700_000_002)
    store.users.add(user)
    return user


@pytest.fixture
def admins(store: Store) -> Group:
    group = Group(ACCOUNT, "AGPAADMINS0000000000A", "Admins", "/", 1_700_000_003)
    store.groups.add(group)
    return group


@pytest.fixture
def reader(store: Store) -> Role:
    role = Role(ACCOUNT, "AROAREADER0000000000R", "Reader", "/service/", 1_700_000_004, "{}", "reads", 7_200, {"a": "b"})
    store.roles.add(role)
    return role


@pytest.fixture
def policy(store: Store) -> ManagedPolicy:
    made = ManagedPolicy(ACCOUNT, "ANPAREAD00000000000RD", "ReadAll", "/", 1_700_000_005, 1_700_000_005, "v1", 1, "reads", {"x": "y"})
    store.managed_policies.add(made, '{"Statement": "v1"}')
    return made


@pytest.fixture
def key(store: Store, alice: User) -> AccessKey:
    made = AccessKey(ACCOUNT, "AKIAALICE00000000001", alice.id, 1_700_000_006)
    store.access_keys.add(made, "canary+secret/of+alice+0000000000000000A")
    return made
