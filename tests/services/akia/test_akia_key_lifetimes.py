"""How long access keys live, by whom a rule is for."""

from __future__ import annotations

from typing import Any

import pytest
from tests import organization

from akia.identity.key_lifetime import DAY, KeyLifetime, LifetimeMode, in_force, validity
from akia.identity.key_restrictions import KeyRestrictions

pytestmark = pytest.mark.covers("I6.lifetimes", "O1", "X14")

ENFORCE = {"Mode": "ENFORCE", "Days": 90}


@pytest.fixture
def own(akia: Any) -> Any:
    return akia.client("akia")


@pytest.fixture
def bob(akia: Any) -> Any:
    """A user whose key is a hundred days old."""
    person = akia.person("bob", {"Action": "*"})
    age(akia, person, 100)
    return person


def age(akia: Any, person: Any, days: int) -> None:
    akia.akia.store.connection.execute(f"UPDATE access_keys SET created = created - {days * DAY} WHERE id = '{person.key.access_key_id}'")


def account_arn(akia: Any) -> str:
    return f"arn:aws:iam::{akia.account}:root"


def test_keys_do_not_age_by_default(bob: Any) -> None:
    bob.client("iam").get_user()


def test_enforced_keys_that_are_too_old_are_refused_from_the_next_request_on(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    bob.client("iam").get_user()
    own.put_key_lifetime(Target=account_arn(akia), Lifetime=ENFORCE)
    code, _, message = refused(bob.client("iam").get_user)
    assert code == "InvalidClientTokenId" and "expired at" in message
    own.delete_key_lifetime(Target=account_arn(akia))
    bob.client("iam").get_user()


def test_a_warning_tells_and_refuses_nothing(akia: Any, own: Any, bob: Any) -> None:
    own.put_key_lifetime(Target=bob.arn, Lifetime={"Mode": "WARN", "Days": 90})
    assert "x-akia-key-expires" in bob.client("iam").get_user()["ResponseMetadata"]["HTTPHeaders"]


def test_a_key_goes_on_during_the_days_of_grace(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    own.put_key_lifetime(Target=bob.arn, Lifetime=ENFORCE | {"GraceDays": 20})
    bob.client("iam").get_user()
    own.put_key_lifetime(Target=bob.arn, Lifetime=ENFORCE | {"GraceDays": 5})
    refused(bob.client("iam").get_user)


def test_the_nearest_rule_counts_within_an_account(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    iam, call = akia.client("iam"), bob.client("iam").get_user
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="bob")
    levels = (account_arn(akia), f"arn:aws:iam::{akia.account}:group/team", bob.arn, bob.key.access_key_id)
    for target in levels:
        own.put_key_lifetime(Target=target, Lifetime=ENFORCE)
        refused(call)
        own.put_key_lifetime(Target=target, Lifetime={"Mode": "OFF"})
        call()


def test_of_several_groups_the_strictest_counts(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    iam, call = akia.client("iam"), bob.client("iam").get_user
    for name, days in (("slow", 200), ("fast", 90)):
        iam.create_group(GroupName=name)
        own.put_key_lifetime(Target=f"arn:aws:iam::{akia.account}:group/{name}", Lifetime={"Mode": "ENFORCE", "Days": days})
        iam.add_user_to_group(GroupName=name, UserName="bob")
    refused(call)
    iam.remove_user_from_group(GroupName="fast", UserName="bob")
    call()


def test_an_organizations_rule_cannot_be_relaxed_below_it(akia: Any, own: Any, refused: Any) -> None:
    world = organization.World(akia)
    member = world.account()
    arn = akia.client("organizations").describe_organization()["Organization"]["Arn"]
    akia.akia.store.connection.execute(f"UPDATE access_keys SET created = {-100 * DAY} WHERE id = '{member.root.access_key_id}'")
    member.client("akia").put_key_lifetime(Target=f"arn:aws:iam::{member.id}:root", Lifetime={"Mode": "OFF"})
    own.put_key_lifetime(Target=arn, Lifetime=ENFORCE)
    assert refused(member.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    own.delete_key_lifetime(Target=arn)
    member.client("sts").get_caller_identity()
    refusal = refused(member.client("akia").put_key_lifetime, Target=arn, Lifetime=ENFORCE)
    assert refusal[0] == "ResourceNotFoundException"


def test_lifetimes_are_told_one_by_one_and_in_pages(akia: Any, own: Any, bob: Any) -> None:
    for target in (account_arn(akia), bob.arn, bob.key.access_key_id):
        own.put_key_lifetime(Target=target, Lifetime={"Mode": "WARN", "Days": 300})
        told = own.get_key_lifetime(Target=target)
        assert told["Lifetime"] == {"Mode": "WARN", "Days": 300, "GraceDays": 0, "WarnDays": 14}
    pages = own.get_paginator("list_key_lifetimes").paginate(PaginationConfig={"PageSize": 1})
    listed = [(each["Target"], each["Level"]) for page in pages for each in page["Lifetimes"]]
    assert sorted(listed) == sorted([(account_arn(akia), "ACCOUNT"), (bob.arn, "USER"), (bob.key.access_key_id, "KEY")])
    validity = own.get_key_lifetime(Target=bob.key.access_key_id)["Validity"]
    assert not validity["Expired"] and "RefusedFrom" not in validity and "ExpiresAt" in validity


def test_a_rule_goes_with_whom_it_is_for(akia: Any, own: Any, refused: Any) -> None:
    iam = akia.client("iam")
    iam.create_group(GroupName="team")
    arn = f"arn:aws:iam::{akia.account}:group/team"
    own.put_key_lifetime(Target=arn, Lifetime=ENFORCE)
    iam.delete_group(GroupName="team")
    assert own.list_key_lifetimes()["Lifetimes"] == []
    assert refused(own.get_key_lifetime, Target=arn)[0] == "ResourceNotFoundException"


def test_what_cannot_have_keys_has_no_lifetime(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    trust = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}'
    akia.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=trust)
    for target, code in (
        (f"arn:aws:iam::{akia.account}:role/ops", "ValidationException"),
        ("AKIA" + "A" * 16, "ResourceNotFoundException"),
    ):
        assert refused(own.put_key_lifetime, Target=target, Lifetime=ENFORCE)[0] == code
    assert refused(own.put_key_lifetime, Target=bob.arn, Lifetime={"Mode": "ENFORCE"})[0] == "ValidationException"
    assert refused(own.delete_key_lifetime, Target=bob.arn)[0] == "ResourceNotFoundException"
    assert refused(own.get_key_lifetime, Target=bob.arn)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("level", ["account", "group", "user", "key"])
def test_attack_a_lifetime_takes_the_permission_to_end_keys_too(akia: Any, own: Any, bob: Any, refused: Any, level: str) -> None:
    """Else whoever has nothing but akia's action could have every key of the account refused."""
    akia.client("iam").create_group(GroupName="team")
    targets = {
        "account": account_arn(akia), "group": f"arn:aws:iam::{akia.account}:group/team", "user": bob.arn, "key": bob.key.access_key_id,
    }  # fmt: skip
    akia.client("iam").tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "prod"}])
    only_akia = akia.person("onlyakia", {"Action": "akia:*"}).client("akia")
    calls: list[tuple[Any, dict[str, Any]]] = [(only_akia.put_key_lifetime, {"Lifetime": ENFORCE}), (only_akia.delete_key_lifetime, {})]
    on = bob.arn if level in ("user", "key") else f"arn:aws:iam::{akia.account}:user/*"
    for call, more in calls:
        code, _, message = refused(call, Target=targets[level], **more)
        assert code == "AccessDeniedException" and f"perform: iam:UpdateAccessKey on resource: {on}" in message
    deny = {"Effect": "Deny", "Action": "iam:UpdateAccessKey", "Condition": {"StringEquals": {"iam:ResourceTag/team": "prod"}}}
    not_prod = akia.person("notprod", {"Action": ["akia:*", "iam:*"]}, deny).client("akia")
    if level in ("user", "key"):
        assert refused(not_prod.put_key_lifetime, Target=targets[level], Lifetime=ENFORCE)[0] == "AccessDeniedException"
    else:
        assert not_prod.put_key_lifetime(Target=targets[level], Lifetime=ENFORCE)["Lifetime"]["Days"] == 90


def test_attack_a_key_cannot_free_itself_from_a_lifetime_nor_can_its_sessions(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    key = bob.key.access_key_id
    own.put_key_lifetime(Target=key, Lifetime={"Mode": "ENFORCE", "Days": 200})
    for client in (bob.client("akia"), _as_session(akia, bob)):
        assert refused(client.put_key_lifetime, Target=key, Lifetime={"Mode": "OFF"})[0] == "ConflictException"
        assert refused(client.delete_key_lifetime, Target=key)[0] == "ConflictException"
    assert own.get_key_lifetime(Target=key)["Lifetime"]["Days"] == 200


def _as_session(akia: Any, person: Any) -> Any:
    taken = person.client("sts").get_session_token()["Credentials"]
    return akia.client("akia", type(person.key)(taken["AccessKeyId"], taken["SecretAccessKey"]), token=taken["SessionToken"])


def test_a_key_s_timeline_tells_of_its_lifetimes(akia: Any, own: Any, bob: Any) -> None:
    own.put_key_lifetime(Target=bob.key.access_key_id, Lifetime=ENFORCE)
    own.delete_key_lifetime(Target=bob.key.access_key_id)
    told = [each["EventName"] for each in own.get_key_timeline(AccessKeyId=bob.key.access_key_id)["Events"]]
    assert told[:2] == ["DeleteKeyLifetime", "PutKeyLifetime"]


def test_what_comes_first_counts_of_a_keys_own_end_and_its_age() -> None:
    ninety = KeyLifetime(LifetimeMode.ENFORCE, 90, grace_days=10)
    assert validity(0, KeyRestrictions(expires=5), ninety).refused_from == 5
    assert validity(0, KeyRestrictions(expires=200 * DAY), ninety).refused_from == 100 * DAY
    assert validity(0, KeyRestrictions(expires=200 * DAY), ninety).expires == 90 * DAY
    assert validity(0, KeyRestrictions(expires=5, grace_until=9), KeyLifetime(LifetimeMode.OFF)).refused_from == 9
    assert in_force(organization=ninety, user=KeyLifetime(LifetimeMode.ENFORCE, 30)).days == 30
    assert in_force(organization=ninety, user=KeyLifetime(LifetimeMode.WARN, 30)) == ninety
