"""Access keys through an unmodified boto3: issued, listed, switched off and on, deleted, and when they were last used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.ids import account_of
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

DENIED = "AccessDenied"
OWN = "arn:aws:iam::*:user/${aws:username}"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _ids(client: Any, **parameters: str) -> list[str]:
    return [key["AccessKeyId"] for key in client.list_access_keys(**parameters)["AccessKeyMetadata"]]


def _pair(answer: dict[str, Any]) -> KeyPair:
    return KeyPair(answer["AccessKey"]["AccessKeyId"], answer["AccessKey"]["SecretAccessKey"])


def _id(answer: dict[str, Any]) -> str:
    return _pair(answer).access_key_id


@pytest.mark.covers("A1", "B4", "I2.services.access_keys")
def test_a_new_key_has_an_id_that_embeds_the_account_and_a_secret_of_forty_characters(iam: Any, account: str) -> None:
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", key["AccessKeyId"])
    assert account_of(key["AccessKeyId"]) == account
    assert re.fullmatch("[A-Za-z0-9+/]{40}", key["SecretAccessKey"])
    assert (key["UserName"], key["Status"]) == ("alice", "Active")
    assert abs(key["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.covers("A2", "A4", "I2.services.access_keys")
def test_a2_the_secret_is_shown_once(iam: Any) -> None:
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    answers = [
        iam.list_access_keys(UserName="alice"),
        iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"]),
        iam.get_user(UserName="alice"),
        iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive"),
        iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"]),
    ]
    assert all(key["SecretAccessKey"] not in repr(answer) for answer in answers)
    assert answers[0]["AccessKeyMetadata"] == [{name: key[name] for name in ("UserName", "AccessKeyId", "Status", "CreateDate")}]
    assert answers[0]["IsTruncated"] is False


@pytest.mark.covers("I2.services.access_keys")
def test_p5_3_9_a_user_has_two_keys_and_not_three(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    first, second = (_id(iam.create_access_key(UserName="alice")) for _ in range(2))
    assert refusal(iam.create_access_key, UserName="alice") == ("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    assert set(_ids(iam, UserName="alice")) == {first, second}
    iam.update_access_key(UserName="alice", AccessKeyId=first, Status="Inactive")
    assert refusal(iam.create_access_key, UserName="alice")[0] == "LimitExceeded"
    iam.delete_access_key(UserName="alice", AccessKeyId=first)
    iam.create_access_key(UserName="alice")


def test_w6_8_keys_come_in_pages(iam: Any) -> None:
    iam.create_user(UserName="alice")
    ids = {_id(iam.create_access_key(UserName="alice")) for _ in range(2)}
    pages = list(iam.get_paginator("list_access_keys").paginate(UserName="alice", PaginationConfig={"PageSize": 1}))
    assert [len(page["AccessKeyMetadata"]) for page in pages] == [1, 1]
    assert {page["AccessKeyMetadata"][0]["AccessKeyId"] for page in pages} == ids


def test_keys_of_nobody(iam: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", "The user with name nobody cannot be found.")
    assert refusal(iam.create_access_key, UserName="nobody") == absent
    assert refusal(iam.list_access_keys, UserName="nobody") == absent
    assert refusal(iam.update_access_key, UserName="nobody", AccessKeyId="AKIA" + "A" * 16, Status="Active") == absent
    assert refusal(iam.delete_access_key, UserName="nobody", AccessKeyId="AKIA" + "A" * 16) == absent


@pytest.mark.covers("I2.services.access_keys")
def test_an_inactive_key_is_refused_at_once_and_works_again_when_active(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    pair = _pair(iam.create_access_key(UserName="alice"))
    sts = akia.client("sts", pair)
    assert sts.get_caller_identity()["Arn"].endswith(":user/alice")
    iam.update_access_key(UserName="alice", AccessKeyId=pair.access_key_id, Status="Inactive")
    assert refusal(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    assert iam.list_access_keys(UserName="alice")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    iam.update_access_key(UserName="alice", AccessKeyId=pair.access_key_id, Status="Active")
    assert sts.get_caller_identity()["Arn"].endswith(":user/alice")


def test_nt_94_a_deleted_key_is_refused_like_an_unknown_one(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    pair = _pair(iam.create_access_key(UserName="alice"))
    sts = akia.client("sts", pair)
    sts.get_caller_identity()
    iam.delete_access_key(UserName="alice", AccessKeyId=pair.access_key_id)
    unknown = akia.client("sts", KeyPair("AKIAQQQQQQQQQQQQQQQQ", pair.secret_access_key))
    assert refusal(sts.get_caller_identity) == refusal(unknown.get_caller_identity)
    gone = ("NoSuchEntity", f"The Access Key with id {pair.access_key_id} cannot be found.")
    assert refusal(iam.delete_access_key, UserName="alice", AccessKeyId=pair.access_key_id) == gone
    assert refusal(iam.get_access_key_last_used, AccessKeyId=pair.access_key_id) == gone


def test_a_key_is_active_or_inactive(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    id_ = _id(iam.create_access_key(UserName="alice"))
    for status, code in (("Expired", "InvalidInput"), ("active", "ValidationError"), ("", "ValidationError")):
        assert refusal(iam.update_access_key, UserName="alice", AccessKeyId=id_, Status=status)[0] == code
    assert iam.list_access_keys(UserName="alice")["AccessKeyMetadata"][0]["Status"] == "Active"


@pytest.mark.covers("B9")
def test_b9_a_key_rotates_itself(user_client: UserClient, akia: InProcess, refusal: Refusal) -> None:
    old = user_client("alice", _allow("iam:*AccessKey*", OWN))
    (old_id,) = _ids(old)
    pair = _pair(old.create_access_key())
    new = akia.client("iam", pair)
    new.update_access_key(AccessKeyId=old_id, Status="Inactive")
    assert refusal(old.list_access_keys)[0] == "InvalidClientTokenId"
    new.delete_access_key(AccessKeyId=old_id)
    assert _ids(new) == [pair.access_key_id]


# Whose key: NT-37, NT-42.


@pytest.mark.covers("I2.services.root")
def test_root_without_a_name_means_its_own_keys(iam: Any, akia: InProcess, refusal: Refusal, account: str) -> None:
    iam.create_user(UserName="alice")
    users_key = _id(iam.create_access_key(UserName="alice"))
    (own,) = _ids(iam)
    assert refusal(iam.delete_access_key, AccessKeyId=users_key)[0] == "NoSuchEntity"
    made = iam.create_access_key()["AccessKey"]
    assert "UserName" not in made
    assert set(_ids(iam)) == {own, made["AccessKeyId"]}
    assert refusal(iam.create_access_key)[0] == "LimitExceeded"
    second = akia.client("sts", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    assert second.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:root"
    iam.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    assert refusal(second.get_caller_identity)[0] == "InvalidClientTokenId"
    iam.delete_access_key(AccessKeyId=made["AccessKeyId"])
    assert _ids(iam) == [own]


def test_nt_42_no_name_reaches_the_keys_of_root(iam: Any, user_client: UserClient, refusal: Refusal, account: str) -> None:
    (roots,) = _ids(iam)
    admin = user_client("admin", EVERYTHING)
    for name in ("root", "ROOT", account, "admin"):
        assert refusal(admin.delete_access_key, UserName=name, AccessKeyId=roots)[0] == "NoSuchEntity"
        assert refusal(admin.update_access_key, UserName=name, AccessKeyId=roots, Status="Inactive")[0] == "NoSuchEntity"
    assert refusal(admin.update_access_key, AccessKeyId=roots, Status="Inactive")[0] == "NoSuchEntity"
    assert iam.list_access_keys()["AccessKeyMetadata"][0]["Status"] == "Active"


def test_nt_37_the_credential_alone_says_who_the_caller_is(iam: Any, user_client: UserClient) -> None:
    alice = user_client("alice", _allow("iam:*AccessKey*", OWN))
    user_client("bob")
    assert alice.create_access_key()["AccessKey"]["UserName"] == "alice"
    assert len(_ids(iam, UserName="bob")) == 1


def test_nt_42_own_rights_reach_no_other_user(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    alice = user_client("alice", _allow("iam:*AccessKey*", OWN))
    user_client("bob")
    user_client("alice2", path="/alice/")
    for name in ("bob", "Alice", "ALICE", "alice2"):
        assert refusal(alice.create_access_key, UserName=name)[0] == DENIED
        assert refusal(alice.list_access_keys, UserName=name)[0] == DENIED
    (bobs,) = _ids(iam, UserName="bob")
    for named in ({"UserName": "alice"}, {}):
        assert refusal(alice.delete_access_key, AccessKeyId=bobs, **named)[0] == "NoSuchEntity"
        assert refusal(alice.update_access_key, AccessKeyId=bobs, Status="Inactive", **named)[0] == "NoSuchEntity"
    assert refusal(alice.delete_access_key, UserName="bob", AccessKeyId=bobs)[0] == DENIED
    assert refusal(alice.get_access_key_last_used, AccessKeyId=bobs)[0] == DENIED
    assert iam.list_access_keys(UserName="bob")["AccessKeyMetadata"][0]["Status"] == "Active"


def test_nt_42_keys_of_another_account_are_out_of_reach(iam: Any, akia: InProcess, stranger: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", f"The Access Key with id {stranger.key.id} cannot be found.")
    iam.create_user(UserName="alice")
    assert refusal(iam.get_access_key_last_used, AccessKeyId=stranger.key.id) == absent
    for named in ({"UserName": "alice"}, {}):
        assert refusal(iam.delete_access_key, AccessKeyId=stranger.key.id, **named) == absent
        assert refusal(iam.update_access_key, AccessKeyId=stranger.key.id, Status="Inactive", **named) == absent
    assert _ids(iam, UserName="alice") == []
    assert akia.akia.store.access_keys.get(stranger.key.id) == stranger.key


def test_nt_43_undeclared_members_change_nothing(iam: Any, user_client: UserClient) -> None:
    alice = user_client("alice", _allow("iam:*AccessKey*", OWN))
    iam.create_user(UserName="bob")
    extra = {"username": "bob", "user_id": "bob", "AccountId": "999999999999", "Owner": "bob", "PolicyDocument": "{}", "Status": "Inactive"}
    alice.meta.events.register("before-call.iam.CreateAccessKey", lambda params, **_: params["body"].update(extra))
    key = alice.create_access_key()["AccessKey"]
    assert (key["UserName"], key["Status"]) == ("alice", "Active")
    assert _ids(iam, UserName="bob") == []


def test_events_are_found_by_key_and_user_and_hold_no_secret(iam: Any, akia: InProcess) -> None:
    iam.create_user(UserName="alice")
    pair = _pair(iam.create_access_key(UserName="alice"))
    iam.delete_access_key(UserName="alice", AccessKeyId=pair.access_key_id)
    attribute = {"AttributeKey": "ResourceName", "AttributeValue": pair.access_key_id}
    found = akia.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    assert {event["EventName"] for event in found} == {"CreateAccessKey", "DeleteAccessKey"}
    for event in found:
        assert {"ResourceType": "AWS::IAM::AccessKey", "ResourceName": pair.access_key_id} in event["Resources"]
        assert {"ResourceType": "AWS::IAM::User", "ResourceName": "alice"} in event["Resources"]
        assert pair.secret_access_key not in repr(event)


def test_a_role_must_say_whose_keys_it_means(iam: Any, akia: InProcess, user_client: UserClient, refusal: Refusal, account: str) -> None:
    trusted = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": trusted})
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]
    iam.attach_role_policy(RoleName="ops", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    sts = user_client("alice", _allow("sts:AssumeRole", "*"), service="sts")
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    key = KeyPair(session["AccessKeyId"], session["SecretAccessKey"])
    ops = akia.client("iam", key, token=session["SessionToken"])
    refused = ("ValidationError", "Must specify userName when calling with non-User credentials")
    assert refusal(ops.get_user) == refusal(ops.list_access_keys) == refusal(ops.create_access_key) == refused
    assert len(_ids(ops, UserName="alice")) == 1


# When a key was used.


def test_a_key_that_was_never_used_says_so(iam: Any) -> None:
    iam.create_user(UserName="alice")
    id_ = _id(iam.create_access_key(UserName="alice"))
    answer = iam.get_access_key_last_used(AccessKeyId=id_)
    assert answer["UserName"] == "alice"
    assert answer["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}


@pytest.mark.covers("I2.services.last_used")
def test_the_last_use_is_known_right_after_the_call_with_service_and_region(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    pair = _pair(iam.create_access_key(UserName="alice"))

    def last_used() -> tuple[str, str]:
        used = iam.get_access_key_last_used(AccessKeyId=pair.access_key_id)["AccessKeyLastUsed"]
        assert abs(used["LastUsedDate"] - datetime.now(UTC)) < timedelta(minutes=5)
        return used["ServiceName"], used["Region"]

    akia.client("sts", pair).get_caller_identity()
    assert last_used() == ("sts", "us-east-1")
    trail = akia.client("cloudtrail", pair, region="eu-central-1")
    assert refusal(trail.lookup_events)[0].startswith(DENIED)
    assert last_used() == ("cloudtrail", "eu-central-1")


def test_nt_93_a_wrong_signature_is_no_use(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    pair = _pair(iam.create_access_key(UserName="alice"))
    forged = akia.client("sts", KeyPair(pair.access_key_id, pair.secret_access_key[::-1]))
    assert refusal(forged.get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert "LastUsedDate" not in iam.get_access_key_last_used(AccessKeyId=pair.access_key_id)["AccessKeyLastUsed"]


def test_unknown_keys_have_no_last_use_and_nobody_learns_which_exist(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    unknown = "AKIAQQQQQQQQQQQQQQQQ"
    absent = ("NoSuchEntity", f"The Access Key with id {unknown} cannot be found.")
    assert refusal(iam.get_access_key_last_used, AccessKeyId=unknown) == absent
    eve = user_client("eve", _allow("iam:GetAccessKeyLastUsed", OWN))
    iam.create_user(UserName="bob")
    bobs = _id(iam.create_access_key(UserName="bob"))
    assert refusal(eve.get_access_key_last_used, AccessKeyId=unknown)[0] == DENIED
    assert refusal(eve.get_access_key_last_used, AccessKeyId=bobs)[0] == DENIED
    (own,) = _ids(iam, UserName="eve")
    assert eve.get_access_key_last_used(AccessKeyId=own)["UserName"] == "eve"


def test_nt_39_odd_ids_are_refused_before_they_are_looked_for(iam: Any, refusal: Refusal) -> None:
    for odd in ("*)(uid=*" + "A" * 16, "AKIA' OR '1'='1' --", "A" * 129, "AKIA" + "Ä" * 16, "../" * 8, "AKIA" + "A" * 12 + "\n"):
        for call in (iam.get_access_key_last_used, iam.delete_access_key):
            assert refusal(call, AccessKeyId=odd)[0] == "ValidationError", odd


def test_keys_of_one_second_are_listed_in_the_order_they_were_made_in(akia: InProcess, iam: Any) -> None:
    """Ansible's `rotate_keys` deletes the first one."""
    iam.create_user(UserName="alice")
    for _ in range(12):
        made = [_id(iam.create_access_key(UserName="alice")) for _ in range(2)]
        akia.akia.store.connection.execute("UPDATE access_keys SET created = 1")
        assert _ids(iam, UserName="alice") == made
        for key in made:
            iam.delete_access_key(UserName="alice", AccessKeyId=key)
