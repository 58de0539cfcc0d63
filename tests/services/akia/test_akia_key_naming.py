"""Naming rules: PutKeyNamingRule, GetKeyNamingRule, DeleteKeyNamingRule, and everything that they hold up."""

from __future__ import annotations

from typing import Any

import pytest

from akia.authority.issuing import issue, issue_successor
from akia.authority.key_naming import BreaksNamingRule
from akia.aws.errors import LimitExceeded
from akia.identity.key_attributes import KeyAttributes
from akia.identity.quotas import Quotas

pytestmark = pytest.mark.covers("B6", "X12", "I6.keys.naming")

RULE = {
    "DescriptionPattern": "(prod|test)-[a-z0-9-]{3,40}",
    "RequiredAttributes": ["Owner", "Ticket"],
    "AllowedValues": [{"Attribute": "Environment", "Values": ["prod", "test"]}],
}
GOOD = {"Description": "prod-export", "Owner": "data", "Ticket": "OPS-7", "Environment": "prod"}


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the administrator."""
    return akia.client("akia", akia.admin)


@pytest.fixture
def iam(akia: Any) -> Any:
    client = akia.client("iam", akia.admin)
    client.create_user(UserName="bob")
    return client


def test_a_rule_is_put_told_replaced_and_taken_away(own: Any, refused: Any) -> None:
    assert refused(own.get_key_naming_rule)[0] == "ResourceNotFoundException"
    assert refused(own.delete_key_naming_rule)[0] == "ResourceNotFoundException"
    assert own.put_key_naming_rule(**RULE)["Rule"] == RULE == own.get_key_naming_rule()["Rule"]
    own.put_key_naming_rule(RequiredAttributes=["Purpose"])
    assert own.get_key_naming_rule()["Rule"] == {"RequiredAttributes": ["Purpose"]}
    own.delete_key_naming_rule()
    assert refused(own.get_key_naming_rule)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Description": "export"}, ["Description must match (prod|test)-[a-z0-9-]{3,40}"]),
        ({"Description": ""}, ["Description must match"]),
        ({"Owner": ""}, ["Owner is required"]),
        ({"Owner": "   "}, ["Owner is required"]),
        ({"Environment": "Prod"}, ["Environment must be one of prod, test"]),
        ({"Owner": "", "Ticket": "", "Description": "x"}, ["Owner is required", "Ticket is required", "Description must match"]),
    ],
    ids=str,
)
def test_b6_a_key_that_breaks_the_rule_is_not_made_nor_kept(own: Any, iam: Any, refused: Any, change: Any, told: list[str]) -> None:
    own.put_key_naming_rule(**RULE)
    code, _, message = refused(own.create_access_key, UserName="bob", Attributes=GOOD | change)
    assert code == "ValidationException" and all(words in message for words in told)
    assert message.count("required") + message.count("must") == len(told)
    key = own.create_access_key(UserName="bob", Attributes=GOOD)["AccessKey"]["AccessKeyId"]
    assert refused(own.update_access_key_attributes, AccessKeyId=key, Attributes=change)[2] == message
    assert own.describe_access_key(AccessKeyId=key)["AccessKey"]["Attributes"] == GOOD
    assert len(iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]) == 1


def test_what_need_not_be_said_may_be_left_out(own: Any, iam: Any) -> None:
    own.put_key_naming_rule(**RULE)
    said = {name: value for name, value in GOOD.items() if name != "Environment"}
    assert own.create_access_key(UserName="bob", Attributes=said)["Attributes"] == said


def test_iam_s_create_access_key_is_refused_with_the_way_out(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    own.put_key_naming_rule(**RULE)
    for client in (iam, akia.client("iam")):
        code, status, message = refused(client.create_access_key, UserName="bob")
        assert (code, status) == ("InvalidInput", 400)
        assert f"naming rule for access keys of account {akia.account}" in message and "akia:CreateAccessKey" in message
    assert iam.list_access_keys(UserName="bob")["AccessKeyMetadata"] == []
    own.put_key_naming_rule(AllowedValues=RULE["AllowedValues"])  # a rule that silence does not break
    iam.create_access_key(UserName="bob")
    own.delete_key_naming_rule()
    iam.create_access_key(UserName="bob")


def test_keys_that_are_there_already_stay_and_are_mended_by_their_next_update(own: Any, iam: Any, refused: Any) -> None:
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    own.put_key_naming_rule(**RULE)
    assert refused(own.update_access_key_attributes, AccessKeyId=key, Attributes={"Owner": "data"})[0] == "ValidationException"
    own.update_access_key_attributes(AccessKeyId=key, Attributes=GOOD)
    own.tag_access_key(AccessKeyId=key, Tags=[{"Key": "a", "Value": "b"}])


def test_the_rule_of_one_account_is_nothing_to_another(akia: Any, own: Any, iam: Any) -> None:
    own.put_key_naming_rule(**RULE)
    store = akia.akia.store
    store.connection.execute("INSERT INTO accounts (id, name, created) VALUES ('999999999999', 'other', 1)")
    store.connection.execute("UPDATE key_naming_rules SET account = '999999999999'")
    iam.create_access_key(UserName="bob")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"RequiredAttributes": []},
        {"DescriptionPattern": "("},
        {"DescriptionPattern": "(?=a)"},
        {"DescriptionPattern": "((((((a{999}){999}){999}){999}){999}){999}){999}"},
        {"RequiredAttributes": ["Owner", "Owner"]},
        {"AllowedValues": [{"Attribute": "Owner", "Values": ["a"]}, {"Attribute": "Owner", "Values": ["b"]}]},
    ],
    ids=str,
)
def test_a_rule_that_is_none_is_refused(own: Any, refused: Any, wrong: dict[str, Any]) -> None:
    assert refused(own.put_key_naming_rule, **wrong)[0] == "ValidationException"
    assert refused(own.get_key_naming_rule)[0] == "ResourceNotFoundException"


def test_redos_a_pattern_that_libraries_choke_on_is_answered_at_once(own: Any, iam: Any, refused: Any) -> None:
    """That it takes few steps is shown in test_safe_patterns."""
    own.put_key_naming_rule(DescriptionPattern="(a|aa)+(b|c)*(.*)*x")
    assert refused(own.create_access_key, UserName="bob", Attributes={"Description": "a" * 256})[0] == "ValidationException"


def test_o15_a_successor_has_the_slot_of_the_rotation_and_what_its_key_said(akia: Any, own: Any, iam: Any) -> None:
    """What rotation builds on: one key more than the quota, and no rule that came later stops it."""
    made = own.create_access_key(UserName="bob", Attributes={"Owner": "data"}, Tags=[{"Key": "a", "Value": "b"}])["AccessKey"]
    iam.create_access_key(UserName="bob")
    own.put_key_naming_rule(**RULE)
    store, quotas = akia.akia.store, Quotas()
    old = store.access_keys.get(made["AccessKeyId"])
    assert old is not None
    with pytest.raises(LimitExceeded):
        issue(store, quotas, akia.account, old.owner, 1, KeyAttributes("prod-export", "data", ticket="T"))
    with pytest.raises(BreaksNamingRule):
        issue(store, quotas, akia.account, old.owner, 1)
    new = issue_successor(store, quotas, old, 1)
    assert (new.key.owner, new.attributes.owner, new.attributes.tags) == (old.owner, "data", {"a": "b"})
    assert store.key_attributes.of(new.key.id) == new.attributes
    assert new.secret not in repr(new)
    with pytest.raises(LimitExceeded):
        issue_successor(store, quotas, old, 1)
