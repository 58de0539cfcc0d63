"""Access keys that say what they are for: CreateAccessKey, DescribeAccessKey, ListAccessKeys, UpdateAccessKeyAttributes, tags."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.conftest import policy

pytestmark = pytest.mark.covers("X12", "B6", "I6.keys.attributes")

SAID = {"Description": "nightly export", "Owner": "data", "Purpose": "export", "Environment": "prod", "Ticket": "OPS-7"}
TAGS = [{"Key": "cost", "Value": "low"}, {"Key": "team", "Value": "blue"}]


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the administrator."""
    return akia.client("akia", akia.admin)


@pytest.fixture
def iam(akia: Any) -> Any:
    client = akia.client("iam", akia.admin)
    client.create_user(UserName="bob", Tags=[{"Key": "Team", "Value": "red"}])
    return client


def key_of(own: Any, **parameters: Any) -> str:
    return str(own.create_access_key(UserName="bob", **parameters)["AccessKey"]["AccessKeyId"])


def listed(own: Any, **asked: Any) -> list[str]:
    """The ids of the keys that are listed, three a page."""
    pages = own.get_paginator("list_access_keys").paginate(**asked, PaginationConfig={"PageSize": 3})
    return [key["AccessKeyId"] for page in pages for key in page["AccessKeys"]]


def test_b6_a_key_says_what_it_is_from_its_first_moment(akia: Any, own: Any, iam: Any) -> None:
    made = own.create_access_key(UserName="bob", Attributes=SAID, Tags=TAGS)
    assert (made["Attributes"], made["Tags"]) == (SAID, TAGS)
    key = made["AccessKey"]
    assert (key["UserName"], key["Status"], len(key["SecretAccessKey"])) == ("bob", "Active", 40)
    told = own.describe_access_key(AccessKeyId=key["AccessKeyId"])["AccessKey"]
    assert told == {
        **{name: key[name] for name in ("AccessKeyId", "UserName", "Status", "CreateDate")},
        "Attributes": SAID, "DescriptionSource": "KEY", "Tags": TAGS, "AgeDays": 0, "CallsLastDay": 0, "DenialsLastDay": 0,
    }  # fmt: skip
    assert [each["AccessKeyId"] for each in iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]] == [key["AccessKeyId"]]


def test_a2_no_event_and_no_other_answer_holds_the_secret(akia: Any, own: Any, iam: Any) -> None:
    secret = own.create_access_key(UserName="bob", Attributes=SAID)["AccessKey"]["SecretAccessKey"]
    assert secret not in repr(own.list_access_keys())
    akia.akia.authority.drain()
    records = [row[0] for row in akia.akia.store.connection.execute("SELECT record || decision FROM events")]
    assert any("CreateAccessKey" in record for record in records)
    assert not any(secret in record for record in records)


def test_the_event_names_key_and_user(akia: Any, own: Any, iam: Any) -> None:
    key = key_of(own, Attributes=SAID)
    by_key = [{"AttributeKey": "ResourceName", "AttributeValue": key}]
    [event] = akia.client("cloudtrail").lookup_events(LookupAttributes=by_key)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert (event["EventName"], record["readOnly"], record["requestParameters"]["attributes"]["owner"]) == (
        "CreateAccessKey",
        False,
        "data",
    )
    assert {each["ResourceName"] for each in event["Resources"]} == {key, "bob"}


def test_without_a_name_the_key_is_the_caller_s(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    made = own.create_access_key()["AccessKey"]
    assert made["UserName"] == "administrator"
    root = akia.client("akia").create_access_key(Attributes={"Owner": "ops"})["AccessKey"]
    assert "UserName" not in root and "UserName" not in own.describe_access_key(AccessKeyId=root["AccessKeyId"])["AccessKey"]
    assert refused(own.create_access_key, UserName="nobody")[0] == "ResourceNotFoundException"
    arn = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trust(akia))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ops", PolicyName="p", PolicyDocument=policy({"Action": "*"}))
    session = akia.client("sts", akia.admin).assume_role(RoleArn=arn, RoleSessionName="ss")["Credentials"]
    as_role = akia.client("akia", type(akia.admin)(session["AccessKeyId"], session["SecretAccessKey"]), token=session["SessionToken"])
    assert refused(as_role.create_access_key)[0] == "ValidationException"
    assert as_role.create_access_key(UserName="bob")["AccessKey"]["UserName"] == "bob"


def trust(akia: Any) -> str:
    principal = {"AWS": f"arn:aws:iam::{akia.account}:root"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


def test_p5_3_9_the_quota_is_iam_s(own: Any, iam: Any, refused: Any) -> None:
    key_of(own), iam.create_access_key(UserName="bob")
    assert refused(own.create_access_key, UserName="bob")[:2] == ("ServiceQuotaExceededException", 400)
    assert refused(iam.create_access_key, UserName="bob")[0] == "LimitExceeded"


def test_a_key_that_works_is_a_key_of_iam(akia: Any, own: Any, iam: Any) -> None:
    made = own.create_access_key(UserName="bob")["AccessKey"]
    client = akia.client("sts", type(akia.admin)(made["AccessKeyId"], made["SecretAccessKey"]))
    assert client.get_caller_identity()["Arn"].endswith("user/bob")


def test_attributes_change_one_by_one_and_an_empty_one_is_taken_away(own: Any, iam: Any, refused: Any) -> None:
    key = key_of(own, Attributes={"Owner": "data", "Purpose": "export"}, Tags=TAGS)
    changed = own.update_access_key_attributes(AccessKeyId=key, Attributes={"Owner": "  ops ", "Purpose": "", "Ticket": "OPS-1"})
    assert changed["Attributes"] == {"Owner": "ops", "Ticket": "OPS-1"}
    told = own.describe_access_key(AccessKeyId=key)["AccessKey"]
    assert (told["Attributes"], told["Tags"]) == (changed["Attributes"], TAGS)
    assert "DescriptionSource" not in told
    assert refused(own.update_access_key_attributes, AccessKeyId=key, Attributes={"Owner": "a\x1b[2J"})[0] == "ValidationException"


def test_b6_a_user_s_tag_named_after_the_key_describes_it_if_nothing_else_does(own: Any, iam: Any) -> None:
    key = key_of(own, Attributes={"Owner": "data"})
    iam.tag_user(UserName="bob", Tags=[{"Key": key, "Value": "from the console"}])
    [told] = [each for each in own.list_access_keys()["AccessKeys"] if each["AccessKeyId"] == key]
    assert told["Attributes"] == {"Owner": "data", "Description": "from the console"}
    assert told["DescriptionSource"] == "USER_TAG"
    assert listed(own, Text="CONSOLE") == [key]
    own.update_access_key_attributes(AccessKeyId=key, Attributes={"Description": "its own"})
    told = own.describe_access_key(AccessKeyId=key)["AccessKey"]
    assert (told["Attributes"]["Description"], told["DescriptionSource"]) == ("its own", "KEY")


def test_tags_are_added_replaced_and_taken_away(own: Any, iam: Any, refused: Any) -> None:
    key = key_of(own, Tags=TAGS)
    own.tag_access_key(AccessKeyId=key, Tags=[{"Key": "TEAM", "Value": "green"}, {"Key": "x", "Value": ""}])
    assert own.describe_access_key(AccessKeyId=key)["AccessKey"]["Tags"] == [
        {"Key": "TEAM", "Value": "green"}, {"Key": "cost", "Value": "low"}, {"Key": "x", "Value": ""},
    ]  # fmt: skip
    own.untag_access_key(AccessKeyId=key, TagKeys=["team", "x", "nobody"])
    assert own.describe_access_key(AccessKeyId=key)["AccessKey"]["Tags"] == TAGS[:1]
    for wrong in ([{"Key": "aws:x", "Value": "1"}], [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]):
        assert refused(own.tag_access_key, AccessKeyId=key, Tags=wrong)[0] == "ValidationException"
        assert refused(own.create_access_key, UserName="bob", Tags=wrong)[0] == "ValidationException"
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert refused(own.tag_access_key, AccessKeyId=key, Tags=many)[0] == "ServiceQuotaExceededException"


def test_the_attributes_go_with_the_key(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    key = key_of(own, Attributes=SAID)
    iam.delete_access_key(UserName="bob", AccessKeyId=key)
    assert akia.akia.store.connection.execute("SELECT count(*) FROM key_attributes") == [(0,)]
    for call, more in (
        (own.describe_access_key, {}),
        (own.update_access_key_attributes, {"Attributes": {}}),
        (own.tag_access_key, {"Tags": TAGS}),
        (own.untag_access_key, {"TagKeys": ["a"]}),
        (own.get_access_key_usage, {}),
    ):
        assert refused(call, AccessKeyId=key, **more)[0] == "ResourceNotFoundException"


def test_x16_the_last_use_is_exact_and_denials_are_counted(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    person = akia.person("carl", {"Action": "sts:*"})
    person.client("sts").get_caller_identity()
    assert refused(person.client("iam").list_users)[0] == "AccessDenied"
    told = own.describe_access_key(AccessKeyId=person.key.access_key_id)["AccessKey"]
    last = told["LastUse"]
    assert (last["Service"], last["Region"], last["Action"], last["SourceAddress"]) == ("iam", "us-east-1", "ListUsers", "127.0.0.1")
    assert last["UserAgent"].startswith("Boto3/")
    assert abs(last["Time"] - told["CreateDate"]) < timedelta(minutes=5)
    assert (told["CallsLastDay"], told["DenialsLastDay"]) == (2, 1)
    [also] = [each for each in own.list_access_keys()["AccessKeys"] if each["AccessKeyId"] == person.key.access_key_id]
    assert also == told


def test_all_keys_of_the_account_are_one_list_in_the_order_they_were_made(akia: Any, own: Any, iam: Any) -> None:
    people = [akia.person(f"p{number}").key.access_key_id for number in range(7)]
    assert listed(own) == [akia.root.access_key_id, akia.admin.access_key_id, *people]
    [root] = [key for key in own.list_access_keys()["AccessKeys"] if "UserName" not in key]
    assert root["AccessKeyId"] == akia.root.access_key_id


def test_a_list_that_is_being_read_neither_skips_nor_repeats_when_keys_come_and_go(akia: Any, own: Any, iam: Any) -> None:
    people = [akia.person(f"p{number}") for number in range(6)]
    first = own.list_access_keys(MaxResults=4)
    seen = [key["AccessKeyId"] for key in first["AccessKeys"]]
    for person in (people[0], people[1], people[3]):  # two of them were shown, the third is next to come
        iam.delete_access_key(UserName=person.name, AccessKeyId=person.key.access_key_id)
    late = key_of(own)
    while "NextToken" in first:
        first = own.list_access_keys(MaxResults=4, NextToken=first["NextToken"])
        seen += [key["AccessKeyId"] for key in first["AccessKeys"]]
    stayed = [people[number].key.access_key_id for number in (2, 4, 5)]
    assert seen[4:] == [*stayed, late]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"UserName": "bob"}, {"a", "b"}),
        ({"UserName": "BOB"}, set()),
        ({"Status": "Inactive"}, {"b"}),
        ({"Owner": "data"}, {"a"}),
        ({"Environment": "prod"}, {"a"}),
        ({"Purpose": "export", "Environment": "prod"}, {"a"}),
        ({"Purpose": "export", "Environment": "test"}, set()),
        ({"Tag": {"Key": "team"}}, {"a", "b"}),
        ({"Tag": {"Key": "team", "Value": "red"}}, {"b"}),
        ({"Tag": {"Key": "Team"}}, set()),
        ({"Text": "NIGHTLY"}, {"a"}),
        ({"Text": "ops-7"}, {"a"}),
        ({"Text": "Bob"}, {"a", "b"}),
        ({"Text": "a%"}, set()),
        ({"ExpiresWithinDays": 36_500}, set()),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_the_list_can_be_narrowed(own: Any, iam: Any, asked: dict[str, Any], found: set[str]) -> None:
    names = {key_of(own, Attributes=SAID, Tags=TAGS): "a", key_of(own, Tags=[{"Key": "team", "Value": "red"}]): "b"}
    iam.update_access_key(UserName="bob", AccessKeyId=list(names)[1], Status="Inactive")
    assert [names[key] for key in listed(own, **asked) if key in names] == sorted(found)  # other keys' ids may hold any text by chance


def test_the_list_can_be_narrowed_by_age_and_idleness(akia: Any, own: Any, iam: Any) -> None:
    old, idle, fresh = (akia.person(name, {"Action": "*"}) for name in ("old", "idle", "fresh"))
    old.client("sts").get_caller_identity()
    own.list_access_keys()  # what was called is in its place now
    execute, ago = akia.akia.store.connection.execute, 90 * 86_400
    for person in (old, idle):
        execute("UPDATE access_keys SET created = created - :ago WHERE id = :id", ago=ago, id=person.key.access_key_id)
    execute("UPDATE key_uses SET at = at - :ago WHERE access_key_id = :id", ago=ago * 1000 // 3, id=old.key.access_key_id)
    ids = {person.key.access_key_id: person.name for person in (old, idle, fresh)}

    def found(**asked: Any) -> set[str]:
        return {ids[key] for key in listed(own, **asked) if key in ids}

    assert found(OlderThanDays=90) == {"old", "idle"}
    assert found(OlderThanDays=91) == set()
    assert found(OlderThanDays=0) == {"old", "idle", "fresh"}
    assert found(UnusedForDays=30) == {"old", "idle"}
    assert found(UnusedForDays=31) == {"idle"}
    assert found(UnusedForDays=91) == set()
    [told] = [each for each in own.list_access_keys()["AccessKeys"] if each["AccessKeyId"] == old.key.access_key_id]
    assert told["AgeDays"] == 90


def test_a_call_that_looks_at_very_many_keys_answers_what_it_has(akia: Any, own: Any, iam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.services.akia.access_keys._MOST_EXAMINED", 2)
    monkeypatch.setattr("akia.services.akia.access_keys._BATCH", 2)
    people = [akia.person(f"p{number}") for number in range(5)]
    first = own.list_access_keys(UserName="p4")
    assert first["AccessKeys"] == [] and "NextToken" in first
    assert listed(own, UserName="p4") == [people[4].key.access_key_id]


def test_a_token_is_good_for_its_own_list_only(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    token = own.list_access_keys(MaxResults=1)["NextToken"]
    assert refused(own.list_access_keys, MaxResults=1, UserName="bob", NextToken=token)[0] == "ValidationException"
    assert refused(own.list_access_keys, NextToken="x")[0] == "ValidationException"


def test_another_account_s_keys_do_not_exist(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    key = key_of(own, Attributes=SAID)
    store = akia.akia.store
    store.connection.execute("INSERT INTO accounts (id, name, created) VALUES ('999999999999', 'other', 1)")
    store.connection.execute("UPDATE access_keys SET account = '999999999999' WHERE id = :key", key=key)
    assert key not in listed(own)
    for call, more in (
        (own.describe_access_key, {}),
        (own.update_access_key_attributes, {"Attributes": {}}),
        (own.tag_access_key, {"Tags": TAGS}),
        (own.untag_access_key, {"TagKeys": ["a"]}),
        (own.get_access_key_usage, {}),
    ):
        assert refused(call, AccessKeyId=key, **more)[0] == "ResourceNotFoundException"


def test_making_a_key_needs_iam_s_permission_on_the_user_too(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    user = f"arn:aws:iam::{akia.account}:user"
    only_akia = akia.person("onlyakia", {"Action": "akia:*"})
    only_iam = akia.person("onlyiam", {"Action": "iam:*"})
    on_carl = akia.person("oncarl", {"Action": "akia:*"}, {"Action": "iam:CreateAccessKey", "Resource": f"{user}/carl"})
    red = {"StringEquals": {"iam:ResourceTag/Team": "red"}}
    on_red = akia.person("onred", {"Action": "akia:*"}, {"Action": "iam:CreateAccessKey", "Condition": red})
    code, _, message = refused(only_akia.client("akia").create_access_key, UserName="bob")
    assert code == "AccessDeniedException" and f"iam:CreateAccessKey on resource: {user}/bob" in message
    assert "akia:CreateAccessKey" in refused(only_iam.client("akia").create_access_key, UserName="bob")[2]
    assert refused(on_carl.client("akia").create_access_key, UserName="bob")[0] == "AccessDeniedException"
    on_red.client("akia").create_access_key(UserName="bob")
    assert refused(on_red.client("akia").create_access_key, UserName="administrator")[0] == "AccessDeniedException"


def test_tags_at_creation_need_the_permission_to_tag(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    maker = akia.person("maker", {"Action": ["akia:CreateAccessKey", "iam:CreateAccessKey"]})
    assert "akia:TagAccessKey" in refused(maker.client("akia").create_access_key, UserName="bob", Tags=TAGS)[2]
    blue = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    tagger = akia.person(
        "tagger", {"Action": ["akia:CreateAccessKey", "iam:CreateAccessKey"]}, {"Action": "akia:TagAccessKey", "Condition": blue}
    )
    tagger.client("akia").create_access_key(UserName="bob", Tags=TAGS)
    assert refused(tagger.client("akia").create_access_key, UserName="bob", Tags=TAGS[:1])[0] == "AccessDeniedException"


def test_a_policy_can_name_a_key_its_tags_and_its_owner(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    mine, other = key_of(own, Tags=TAGS), key_of(own)
    theirs = akia.person("carl").key.access_key_id
    arn = f"arn:aws:akia::{akia.account}:access-key/{mine}"
    cases: dict[str, tuple[dict[str, Any], set[str]]] = {
        "named": ({"Resource": arn}, {mine}),
        "tagged": ({"Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}, {mine}),
        "owned": ({"Condition": {"StringEquals": {"akia:KeyOwner": "bob"}}}, {mine, other}),
    }
    for name, (words, may) in cases.items():
        client = akia.person(name, {"Action": "akia:DescribeAccessKey", **words}).client("akia")
        for key in (mine, other, theirs):
            if key in may:
                client.describe_access_key(AccessKeyId=key)
            else:
                assert refused(client.describe_access_key, AccessKeyId=key)[0] == "AccessDeniedException", name


def test_a_user_may_be_given_keys_of_its_own_only(akia: Any, own: Any, iam: Any, refused: Any) -> None:
    self_service = {"StringEquals": {"akia:KeyOwner": "${aws:username}"}}
    bob = akia.person("ben", {"Action": "akia:*", "Condition": self_service}, {"Action": "iam:CreateAccessKey"}).client("akia")
    bob.create_access_key(Attributes=SAID)
    assert refused(bob.create_access_key, UserName="bob")[0] == "AccessDeniedException"
    assert refused(bob.describe_access_key, AccessKeyId=akia.root.access_key_id)[0] == "AccessDeniedException"
