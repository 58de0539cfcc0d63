"""The contract of managed policies, attachments, boundaries, inline policies, and of what is in force for somebody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from akia.aws.managed_policies import ManagedPolicyFacts
from akia.identity.managed_policy import AWS, ManagedPolicy, PolicyVersion
from akia.identity.policy_source import PolicySource
from akia.store.errors import IdTaken, NameTaken, StillReferred
from akia.store.iam.aws_managed_policies import seed_managed_policies

if TYPE_CHECKING:
    from akia.identity.access_key import AccessKey
    from akia.identity.group import Group
    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.store.store import Store

pytestmark = pytest.mark.covers("I2.store.entities")
ACCOUNT = "111122223333"
OTHER = "444455556666"


@dataclass
class Makers:
    store: Store

    def policy(self, name: str, account: str = ACCOUNT, path: str = "/") -> ManagedPolicy:
        made = ManagedPolicy(account, f"ANPA{account[:3]}{name}", name, path, 1, 1, "v1", 1)
        self.store.managed_policies.add(made, f'{{"of": "{name}"}}')
        return made


@pytest.fixture
def make(store: Store) -> Makers:
    return Makers(store)


def test_a_policy_is_found_by_arn_and_id_with_its_version(store: Store, policy: ManagedPolicy) -> None:
    assert store.managed_policies.with_arn("arn:aws:iam::111122223333:policy/ReadAll") == policy
    assert store.managed_policies.with_id(policy.id) == policy
    assert store.managed_policies.version(policy.id, "v1") == PolicyVersion(policy.id, "v1", '{"Statement": "v1"}', policy.created)
    assert store.managed_policies.with_arn("arn:aws:iam::111122223333:policy/readall") is None


def test_p5_4_21_policy_names_are_unique_whatever_their_case_and_path(store: Store, policy: ManagedPolicy, make: Makers) -> None:
    assert store.managed_policies.taken(ACCOUNT, "READALL")
    with pytest.raises(NameTaken):
        store.managed_policies.add(replace(policy, id="ANPA2", name="readALL", path="/elsewhere/"), "{}")
    with pytest.raises(IdTaken):
        store.managed_policies.add(replace(policy, name="Another"), "{}")
    make.policy("ReadAll", OTHER)
    assert store.managed_policies.count(ACCOUNT) == store.managed_policies.count(OTHER) == 1


def test_versions_come_newest_first_and_their_default_moves(store: Store, policy: ManagedPolicy) -> None:
    for number in range(2, 12):
        store.managed_policies.add_version(PolicyVersion(policy.id, f"v{number}", f'"{number}"', number))
    assert [version.version for version in store.managed_policies.versions(policy.id)][:3] == ["v11", "v10", "v9"]
    assert [version.version for version in store.managed_policies.versions(policy.id, after="v10", limit=2)] == ["v9", "v8"]
    assert store.managed_policies.version_count(policy.id) == 11
    with pytest.raises(IdTaken):
        store.managed_policies.add_version(PolicyVersion(policy.id, "v11", "", 1))
    with pytest.raises(StillReferred):
        store.managed_policies.add_version(PolicyVersion("ANPANONE", "v1", "", 1))
    moved = replace(policy, default_version="v11", latest_version=11, updated=9, tags={})
    store.managed_policies.replace(moved)
    assert store.managed_policies.with_id(policy.id) == moved
    store.managed_policies.delete_version(policy.id, "v1")
    assert store.managed_policies.version(policy.id, "v1") is None


def test_deleting_a_policy_takes_its_versions_along_unless_it_is_attached(store: Store, policy: ManagedPolicy, alice: User) -> None:
    store.attachments.attach(policy.id, alice.id, ACCOUNT)
    with pytest.raises(StillReferred):
        store.managed_policies.delete(policy)
    assert store.managed_policies.version_count(policy.id) == 1
    store.attachments.detach(policy.id, alice.id)
    store.managed_policies.delete(policy)
    assert store.managed_policies.with_id(policy.id) is None
    assert store.managed_policies.version_count(policy.id) == 0


def test_pages_of_policies_go_by_arn_over_one_or_two_owners(store: Store, make: Makers) -> None:
    ours = [make.policy("b"), make.policy("a"), make.policy("c", path="/team/")]
    aws = make.policy("a", AWS)
    make.policy("z", OTHER)
    page = store.managed_policies.page
    assert [one.name for one in page((ACCOUNT,))] == ["a", "b", "c"]
    assert page((ACCOUNT, AWS))[-1] == aws  # arn:aws:iam::1… before arn:aws:iam::aws
    assert page((AWS,)) == [aws]
    assert page((ACCOUNT,), "/team/") == [ours[2]]
    assert [one.name for one in page((ACCOUNT, AWS), after=str(ours[0].arn), limit=2)] == ["c", "a"]


def test_pages_of_policies_that_are_attached_or_bound(store: Store, make: Makers, alice: User, reader: Role) -> None:
    attached, bound, bound_too, idle = (make.policy(name) for name in ("attached", "bound", "bound2", "idle"))
    store.attachments.attach(attached.id, alice.id, ACCOUNT)
    store.users.replace(replace(alice, boundary=str(bound.arn)))
    store.roles.replace(replace(reader, boundary=str(bound_too.arn)))
    assert store.managed_policies.page((ACCOUNT, AWS), attached_in=ACCOUNT) == [attached]
    assert store.managed_policies.page((ACCOUNT, AWS), attached_in=OTHER) == []
    assert store.managed_policies.page((ACCOUNT, AWS), as_boundary_in=ACCOUNT) == [bound, bound_too]
    assert store.managed_policies.page((ACCOUNT, AWS), as_boundary_in=OTHER) == []
    assert idle in store.managed_policies.page((ACCOUNT,))


def test_attachments_are_listed_and_counted_from_both_ends(
    store: Store, make: Makers, alice: User, bob: User, admins: Group, reader: Role
) -> None:
    one, two = make.policy("one"), make.policy("two", path="/team/")
    for bearer in (bob, alice, admins, reader):
        store.attachments.attach(one.id, bearer.id, ACCOUNT)
    store.attachments.attach(two.id, alice.id, ACCOUNT)
    store.attachments.attach(two.id, alice.id, ACCOUNT)  # again: harmless
    assert store.attachments.of(alice.id) == [one, two]
    assert store.attachments.of(alice.id, "/team/") == [two]
    assert store.attachments.of(alice.id, after=str(one.arn)) == [two]
    assert store.attachments.of(alice.id, limit=1) == [one]
    assert store.attachments.count_of(alice.id) == 2
    assert store.attachments.users_of(one.id, ACCOUNT) == [alice, bob]
    assert store.attachments.users_of(one.id, ACCOUNT, "/engineering/") == [bob]
    assert store.attachments.users_of(one.id, ACCOUNT, after="alice") == [bob]
    assert store.attachments.users_of(one.id, OTHER) == []
    assert store.attachments.groups_of(one.id, ACCOUNT) == [admins]
    assert store.attachments.roles_of(one.id, ACCOUNT) == [reader]
    assert store.attachments.count(one.id, ACCOUNT) == 4
    assert store.attachments.count(one.id, OTHER) == 0
    assert store.attachments.attached(one.id, bob.id)
    assert store.attachments.detach(one.id, bob.id)
    assert not store.attachments.attached(one.id, bob.id)
    assert not store.attachments.detach(one.id, bob.id)


def test_only_what_is_there_is_attached_to_who_is_there(store: Store, policy: ManagedPolicy, alice: User) -> None:
    with pytest.raises(StillReferred):
        store.attachments.attach("ANPANONE", alice.id, ACCOUNT)
    with pytest.raises(StillReferred):
        store.attachments.attach(policy.id, "AIDANOBODY", ACCOUNT)
    with pytest.raises(StillReferred):
        store.inline_policies.put("AIDANOBODY", "p", "{}", 1)


def test_boundaries_are_counted_and_listed(store: Store, policy: ManagedPolicy, alice: User, bob: User, reader: Role) -> None:
    arn = str(policy.arn)
    for user in (alice, bob):
        store.users.replace(replace(user, boundary=arn))
    store.roles.replace(replace(reader, boundary=arn))
    assert store.attachments.boundary_count(arn, ACCOUNT) == 3
    assert store.attachments.boundary_count(arn, OTHER) == 0
    assert [user.id for user in store.attachments.bounded_users(arn, ACCOUNT)] == [alice.id, bob.id]
    assert [user.id for user in store.attachments.bounded_users(arn, ACCOUNT, "/", after="alice")] == [bob.id]
    assert [role.id for role in store.attachments.bounded_roles(arn, ACCOUNT)] == [reader.id]


def test_inline_policies_are_kept_as_written_under_exact_names(store: Store, alice: User) -> None:
    put = store.inline_policies.put
    put(alice.id, "b", '{ "a" : 1 }', 1)
    put(alice.id, "B", "{}", 1)
    put(alice.id, "a", "[]", 1)
    put(alice.id, "b", ' {\t"a":\n[ ] } ', 2)
    assert store.inline_policies.get(alice.id, "b") == ' {\t"a":\n[ ] } '
    assert store.inline_policies.get(alice.id, "c") is None
    assert store.inline_policies.names(alice.id) == ["B", "a", "b"]
    assert store.inline_policies.names(alice.id, after="B", limit=1) == ["a"]
    assert store.inline_policies.any(alice.id)
    for name in ("a", "b", "B"):
        assert store.inline_policies.delete(alice.id, name)
        assert not store.inline_policies.delete(alice.id, name)
    assert not store.inline_policies.any(alice.id)


def test_p5_4_15_the_total_length_counts_no_white_space(store: Store, alice: User) -> None:
    assert store.inline_policies.total_length(alice.id) == 0
    store.inline_policies.put(alice.id, "one", " { \t\r\n} ", 1)
    store.inline_policies.put(alice.id, "two", '{"é": 1}', 1)
    assert store.inline_policies.total_length(alice.id) == 2 + 7
    assert store.inline_policies.total_length(alice.id, except_name="two") == 2
    store.inline_policies.put(alice.id, "one", "{}{}", 1)
    assert store.inline_policies.total_length(alice.id) == 4 + 7
    store.inline_policies.put(alice.id, "one", '{"\xa0\x85"}', 1)  # a blank that does not break is no white space of JSON
    assert store.inline_policies.total_length(alice.id) == 6 + 7


def test_p1_3_what_is_in_force_is_everything_on_a_user_and_on_its_groups_at_the_default_version(
    store: Store, make: Makers, policy: ManagedPolicy, alice: User, bob: User, admins: Group
) -> None:
    team = make.policy("Team")
    store.inline_policies.put(alice.id, "own", '"own"', 1)
    store.inline_policies.put(admins.id, "groups", '"groups"', 1)
    store.inline_policies.put(bob.id, "bobs", '"bobs"', 1)
    store.attachments.attach(policy.id, alice.id, ACCOUNT)
    store.attachments.attach(team.id, admins.id, ACCOUNT)
    store.managed_policies.add_version(PolicyVersion(policy.id, "v2", '"v2"', 1))
    store.managed_policies.replace(replace(policy, default_version="v2"))
    own = {
        PolicySource("identity", alice.id, "own", None, None, None, '"own"'),
        PolicySource("identity", alice.id, "ReadAll", str(policy.arn), policy.id, "v2", '"v2"'),
    }
    assert set(store.principals.policies_in_force(alice.id)) == own
    store.groups.add_member(admins, alice)
    assert set(store.principals.policies_in_force(alice.id)) == own | {
        PolicySource("group", admins.id, "groups", None, None, None, '"groups"'),
        PolicySource("group", admins.id, "Team", str(team.arn), team.id, "v1", '{"of": "Team"}'),
    }
    assert len(store.principals.policies_in_force(alice.id)) == 4
    assert {source.name for source in store.principals.policies_in_force(admins.id)} == {"groups", "Team"}
    assert store.principals.policies_in_force("AIDANOBODY") == []


def test_a_managed_policy_is_in_force_at_its_default_version(store: Store, policy: ManagedPolicy) -> None:
    assert store.principals.managed(str(policy.arn)) == PolicySource(
        "boundary", "", "ReadAll", str(policy.arn), policy.id, "v1", '{"Statement": "v1"}'
    )
    found = store.principals.managed(str(policy.arn), "session")
    assert found is not None
    assert found.layer == "session"
    assert store.principals.managed("arn:aws:iam::111122223333:policy/Gone") is None


def test_a_key_is_found_with_its_owner_in_one_step(store: Store, alice: User, key: AccessKey) -> None:
    found = store.principals.key(key.id)
    assert found is not None
    assert (found.key, found.owner) == (key, alice)
    assert store.access_keys.unseal(found.key, found.sealed) == b"canary+secret/of+alice+0000000000000000A"
    store.access_keys.add(replace(key, id="AKIAROOT000000000001", owner=ACCOUNT), "r" * 40)
    root = store.principals.key("AKIAROOT000000000001")
    assert root is not None
    assert root.owner is None
    assert root.key.of_root


def facts(version: str, document: str) -> ManagedPolicyFacts:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    arn = "arn:aws:iam::aws:policy/job-function/Seen"
    return ManagedPolicyFacts("Seen", "/job-function/", arn, "ANPASEEN", version, document, "d", moment, moment)


def test_p1_2_6_aws_managed_policies_are_seeded_once_and_move_with_their_facts(store: Store, alice: User) -> None:
    seed_managed_policies(store, [facts("v1", '"1"')])
    seen = store.managed_policies.with_arn("arn:aws:iam::aws:policy/job-function/Seen")
    assert seen is not None
    assert (seen.account, seen.id, seen.default_version, seen.created) == (AWS, "ANPASEEN", "v1", 1_577_836_800)
    store.attachments.attach(seen.id, alice.id, ACCOUNT)
    store.changed.clear()
    seed_managed_policies(store, [facts("v1", '"1"')])
    assert store.changed == []
    seed_managed_policies(store, [facts("v3", '"3"')])
    assert store.changed == [seen.id]
    assert [source.document for source in store.principals.policies_in_force(alice.id)] == ['"3"']
    assert store.managed_policies.version(seen.id, "v1") is not None
    seed_managed_policies(store, [])
    assert store.attachments.count_of(alice.id) == 1
