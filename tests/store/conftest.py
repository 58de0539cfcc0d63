"""A store for each test, and some people in it. Another kind of database joins the contract as one more parameter of `database`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.identity.access_key import AccessKey
from akia.identity.account import Account
from akia.identity.account_request import SUCCEEDED, AccountRequest
from akia.identity.control_policy import SCP, ControlPolicy
from akia.identity.delegation import Delegation, DelegationPolicy, ServiceAccess
from akia.identity.group import Group
from akia.identity.handshake import INVITE, OPEN, Handshake
from akia.identity.managed_policy import ManagedPolicy
from akia.identity.organization import ALL_FEATURES, Member, Organization, OrganizationalUnit
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


@pytest.fixture
def organization(store: Store) -> Organization:
    """An organization of both accounts, with one of everything: the second account is in unit `outer`, above unit `inner`."""
    made = Organization("o-1", ACCOUNT, ALL_FEATURES, 1_700_000_007, "r-1", SCP)
    store.organizations.add(made)
    store.organizational_units.add(OrganizationalUnit("ou-outer", made.id, made.root, "outer"))
    store.organizational_units.add(OrganizationalUnit("ou-inner", made.id, "ou-outer", "inner"))
    store.members.add(Member(ACCOUNT, made.id, made.root, 1_700_000_007, "INVITED"))
    store.members.add(Member("444455556666", made.id, "ou-outer", 1_700_000_008, "CREATED"))
    store.control_policies.add(ControlPolicy("p-1", made.id, ACCOUNT, SCP, "one", "", "{}"))
    store.control_policy_targets.attach("p-1", made.root, made.id, SCP)
    store.handshakes.add(Handshake("h-1", made.id, ACCOUNT, "444455556666", INVITE, OPEN, 1, 2))
    store.account_requests.add(AccountRequest("car-1", made.id, "other", 1, SUCCEEDED, "444455556666"))
    store.service_accesses.add(ServiceAccess(made.id, "config.amazonaws.com", 1))
    store.delegations.add(Delegation(made.id, "444455556666", "config.amazonaws.com", 1))
    store.delegation_policies.add(DelegationPolicy(made.id, "rp-1", "{}"))
    store.organization_tags.put("ou-outer", made.id, {"a": "b"})
    return made
