"""The contract of users, groups and roles, of accounts and access keys, for every kind of database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.errors import MalformedInput
from akia.identity.access_key import AccessKey, KeyStatus
from akia.identity.account import Account
from akia.identity.group import Group
from akia.identity.role import Role
from akia.identity.user import User
from akia.store.errors import IdTaken, NameTaken, StillReferred

if TYPE_CHECKING:
    from akia.identity.managed_policy import ManagedPolicy
    from akia.store.store import Store

pytestmark = pytest.mark.covers("I2.store.entities")
ACCOUNT = "111122223333"
OTHER = "444455556666"
KINDS = ["users", "groups", "roles"]


def made(kind: str, name: str, unique_id: str, account: str = ACCOUNT, path: str = "/") -> Any:
    """A user, group or role."""
    if kind == "roles":
        return Role(account, unique_id, name, path, 1, trust='{"trust": 1}', description="d", tags={"k": "v"}, boundary="arn:b")
    return User(account, unique_id, name, path, 1, {"k": "v"}, "arn:b") if kind == "users" else Group(account, unique_id, name, path, 1)


def nothing_dangles(store: Store) -> bool:
    return store.connection.execute("PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_added_is_found_by_name_and_by_id(store: Store, kind: str) -> None:
    one = made(kind, "Zoë.Case", "ID1", path="/a/")
    repository = getattr(store, kind)
    repository.add(one)
    assert repository.named(ACCOUNT, "Zoë.Case") == one
    assert repository.with_id("ID1") == one
    assert repository.count(ACCOUNT) == 1
    assert repository.count(OTHER) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_p5_4_21_names_are_unique_whatever_their_case_but_looked_up_exactly(store: Store, kind: str) -> None:
    repository = getattr(store, kind)
    repository.add(made(kind, "Alice", "ID1"))
    assert repository.taken(ACCOUNT, "aLICE")
    assert repository.named(ACCOUNT, "alice") is None
    assert repository.named(ACCOUNT, "ALICE") is None
    with pytest.raises(NameTaken):
        repository.add(made(kind, "ALICE", "ID2"))
    assert repository.with_id("ID2") is None
    repository.add(made(kind, "ALICE", "ID3", account=OTHER))  # another account is another world
    assert not repository.taken(ACCOUNT, "Alic")


@pytest.mark.parametrize("kind", KINDS)
def test_w10_9_an_id_is_never_given_twice(store: Store, kind: str) -> None:
    getattr(store, kind).add(made(kind, "one", "ID1"))
    for second in KINDS:  # not even to something of another kind
        with pytest.raises(IdTaken):
            getattr(store, second).add(made(second, "two", "ID1"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_account_is_refused(store: Store, kind: str) -> None:
    with pytest.raises(StillReferred):
        getattr(store, kind).add(made(kind, "one", "ID1", account="999999999999"))


@pytest.mark.parametrize("kind", KINDS)
def test_replacing_writes_everything_that_may_change(store: Store, kind: str) -> None:
    repository = getattr(store, kind)
    repository.add(made(kind, "one", "ID1"))
    changes: dict[str, Any] = {"name": "ONE", "path": "/new/"}
    if kind != "groups":
        changes |= {"tags": {"z": "1", "a": "2"}, "boundary": None}
    if kind == "roles":
        changes |= {"trust": "{}", "description": "", "max_session_seconds": 43_200}
    changed = replace(repository.with_id("ID1"), **changes)
    repository.replace(changed)
    assert repository.named(ACCOUNT, "ONE") == changed
    assert repository.named(ACCOUNT, "one") is None
    if kind != "groups":
        assert list(repository.with_id("ID1").tags) == ["z", "a"]  # in the order given


@pytest.mark.parametrize("kind", KINDS)
def test_renaming_to_a_taken_name_is_refused_and_changes_nothing(store: Store, kind: str) -> None:
    repository = getattr(store, kind)
    one, two = made(kind, "one", "ID1"), made(kind, "two", "ID2")
    repository.add(one)
    repository.add(two)
    with pytest.raises(NameTaken):
        repository.replace(replace(two, name="ONE"))
    assert repository.with_id("ID2") == two


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_ordered_by_name_whatever_its_case_and_goes_on_after_the_last(store: Store, kind: str) -> None:
    repository = getattr(store, kind)
    for number, name in enumerate(["b", "A", "D", "c", "e"]):
        repository.add(made(kind, name, f"ID{number}"))
    repository.add(made(kind, "elsewhere", "ID9", account=OTHER))
    assert [one.name for one in repository.page(ACCOUNT)] == ["A", "b", "c", "D", "e"]
    assert [one.name for one in repository.page(ACCOUNT, limit=2)] == ["A", "b"]
    assert [one.name for one in repository.page(ACCOUNT, after="B", limit=2)] == ["c", "D"]
    assert repository.page(ACCOUNT, after="e") == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_prefix_is_text_not_a_pattern(store: Store, kind: str) -> None:
    repository = getattr(store, kind)
    for number, path in enumerate(["/", "/a/", "/a/b/", "/A/", "/a%/", "/a_b/"]):
        repository.add(made(kind, f"n{number}", f"ID{number}", path=path))
    assert [one.path for one in repository.page(ACCOUNT, "/a/")] == ["/a/", "/a/b/"]
    assert [one.path for one in repository.page(ACCOUNT, "/a%")] == ["/a%/"]
    assert [one.path for one in repository.page(ACCOUNT, "/a_")] == ["/a_b/"]
    assert len(repository.page(ACCOUNT, "/")) == 6
    assert repository.page(ACCOUNT, "/%") == []


@pytest.mark.parametrize("kind", KINDS)
def test_nt_36_deleting_frees_the_name_and_leaves_nothing(store: Store, kind: str) -> None:
    repository = getattr(store, kind)
    one = made(kind, "one", "ID1")
    repository.add(one)
    repository.delete(one)
    assert repository.with_id("ID1") is None
    assert not repository.taken(ACCOUNT, "one")
    repository.add(made(kind, "one", "ID2"))
    assert store.principals.policies_in_force("ID2") == []
    assert nothing_dangles(store)


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_policies_cannot_be_deleted(store: Store, policy: ManagedPolicy, kind: str) -> None:
    repository = getattr(store, kind)
    one = made(kind, "one", "ID1")
    repository.add(one)
    store.attachments.attach(policy.id, "ID1", ACCOUNT)
    with pytest.raises(StillReferred):
        repository.delete(one)
    store.attachments.detach(policy.id, "ID1")
    store.inline_policies.put("ID1", "p", "{}", 1)
    with pytest.raises(StillReferred):
        repository.delete(one)
    assert repository.with_id("ID1") == one
    store.inline_policies.delete("ID1", "p")
    repository.delete(one)
    assert nothing_dangles(store)


def test_who_has_keys_or_groups_cannot_be_deleted(store: Store, alice: User, admins: Group, key: AccessKey) -> None:
    with pytest.raises(StillReferred):
        store.users.delete(alice)
    store.access_keys.delete(key.id)
    store.groups.add_member(admins, alice)
    with pytest.raises(StillReferred):
        store.users.delete(alice)
    with pytest.raises(StillReferred):
        store.groups.delete(admins)
    store.groups.remove_member(admins, alice)
    store.groups.delete(admins)
    store.users.delete(alice)
    assert nothing_dangles(store)


def test_members_and_groups_are_listed_by_name(store: Store, alice: User, bob: User, admins: Group) -> None:
    readers = Group(ACCOUNT, "AGPAREADERS0000000000", "readers", "/", 1)
    store.groups.add(readers)
    for group in (readers, admins):
        store.groups.add_member(group, bob)
    store.groups.add_member(admins, alice)
    store.groups.add_member(admins, alice)  # again: harmless
    assert store.groups.members(admins) == [alice, bob]
    assert store.groups.members(admins, after="ALICE") == [bob]
    assert store.groups.members(admins, limit=1) == [alice]
    assert store.groups.of_user(bob.id) == [admins, readers]
    assert store.groups.of_user(bob.id, after="admins") == [readers]
    assert store.groups.count_of_user(bob.id) == 2
    assert store.principals.group_ids(alice.id) == [admins.id]
    assert store.groups.is_member(admins, alice)
    store.groups.remove_member(admins, alice)
    assert not store.groups.is_member(admins, alice)


def test_membership_needs_both(store: Store, alice: User, admins: Group) -> None:
    with pytest.raises(StillReferred):
        store.groups.add_member(admins, replace(alice, id="AIDANOBODY"))
    with pytest.raises(StillReferred):
        store.groups.add_member(replace(admins, id="AGPANOTHING"), alice)


def test_an_account_is_found_by_id_and_by_alias(store: Store) -> None:
    store.accounts.set_alias(ACCOUNT, "acme")
    assert store.accounts.by_alias("acme") == store.accounts.get(ACCOUNT) == Account(ACCOUNT, "akia", 1_700_000_000, "acme")
    assert [account.id for account in store.accounts.all()] == [ACCOUNT, OTHER]
    with pytest.raises(NameTaken):
        store.accounts.set_alias(OTHER, "acme")
    store.accounts.set_alias(ACCOUNT, None)
    assert store.accounts.by_alias("acme") is None
    store.accounts.set_alias(OTHER, "acme")
    with pytest.raises(IdTaken):
        store.accounts.add(Account(ACCOUNT, "again", 1))


def test_keys_of_a_user_and_of_root_are_kept_apart(store: Store, alice: User, key: AccessKey) -> None:
    root = AccessKey(ACCOUNT, "AKIAROOT000000000001", ACCOUNT, 5)
    older = AccessKey(ACCOUNT, "AKIAALICE00000000002", alice.id, 1, KeyStatus.INACTIVE)
    store.access_keys.add_many([(root, "r" * 40), (older, "o" * 40)])
    assert store.access_keys.of(alice.id) == [older, key]  # oldest first
    assert store.access_keys.of(ACCOUNT) == [root]
    assert store.access_keys.of(OTHER) == []
    assert store.access_keys.get(root.id) == root
    assert store.access_keys.get(root.id.lower()) is None
    assert store.access_keys.secret(root.id) == b"r" * 40
    assert store.access_keys.secret(older.id) == b"o" * 40
    assert store.access_keys.secret("AKIANOTHERE000000000") is None


def test_a_key_changes_its_status_and_dies(store: Store, key: AccessKey) -> None:
    store.access_keys.set_status(key.id, KeyStatus.INACTIVE)
    assert store.access_keys.get(key.id) == replace(key, status=KeyStatus.INACTIVE)
    store.access_keys.delete(key.id)
    assert store.access_keys.get(key.id) is None
    assert store.principals.key(key.id) is None


def test_w10_9_a_key_id_is_never_given_twice(store: Store, alice: User, key: AccessKey) -> None:
    with pytest.raises(IdTaken):
        store.access_keys.add(replace(key, created=9), "x" * 40)
    assert store.access_keys.get(key.id) == key
    with pytest.raises(StillReferred):
        store.access_keys.add(replace(key, id="AKIA2", owner="AIDANOBODY"), "x" * 40)


INJECTIONS = [
    "*)(uid=*",
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    '"',
    "a\0b",
    "../../etc/passwd",
    "%",
    "_",
    ":id",
    "?",
    "x" * 10_000,
    "é\U0001f511",
]


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_nt_39_hostile_text_is_only_ever_a_parameter(store: Store, alice: User, key: AccessKey, text: str) -> None:
    assert store.principals.key(text) is None
    assert store.access_keys.get(text) is None
    assert store.access_keys.of(text) == []
    assert store.users.named(ACCOUNT, text) is None
    assert store.users.named(text, "Alice") is None
    assert store.managed_policies.with_arn(text) is None
    assert store.events.lookup(ACCOUNT, None, text) == []
    assert store.sessions.revoked(text, key=text, owner=text, issued=0) is False
    store.users.add(User(ACCOUNT, "AIDA" + text, text, text, 1, {text: text}, text))
    found = store.users.named(ACCOUNT, text)
    assert found is not None
    assert (found.id, found.name, found.path, found.tags, found.boundary) == ("AIDA" + text, text, text, {text: text}, text)
    store.inline_policies.put(found.id, text, text, 1)
    assert store.inline_policies.get(found.id, text) == text
    assert store.access_keys.get(key.id) == key
    assert store.users.with_id(alice.id) == alice


def test_nt_39_text_that_is_not_unicode_and_numbers_too_large_are_the_callers_fault(store: Store, alice: User) -> None:
    for use in (
        lambda: store.principals.key("AKIA\ud800"),
        lambda: store.users.named(ACCOUNT, "\udfff"),
        lambda: store.users.replace(replace(alice, tags={"k": "\ud800"})),
        lambda: store.users.page(ACCOUNT, limit=2**63),
        lambda: store.inline_policies.put(alice.id, "p", "\ud800", 1),
    ):
        with pytest.raises(MalformedInput):
            use()
    assert store.users.with_id(alice.id) == alice
