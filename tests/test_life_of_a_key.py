"""The main job in process, end to end, through an unmodified boto3: a key is made, refused, allowed, rotated, switched off, and all of it
is recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akia.aws.ids import account_of
from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I2.clients.boto3", "A1", "A2", "A3", "A6", "A8", "B4", "B9", "C3", "E1", "E6", "E7", "E12", "E14")


def pair(key: dict[str, str]) -> KeyPair:
    return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])


def history(akia: Any, attribute: str, value: str) -> list[dict[str, Any]]:
    """The records of the events that LookupEvents finds, newest first."""
    found = akia.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}])
    return [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]


def test_a_new_key_is_refused_then_allowed_by_policy_and_every_call_is_recorded(akia: Any, refused: Any, policy: Any) -> None:
    alice = akia.person("alice")
    assert refused(alice.client("iam").list_users) == (
        "AccessDenied",
        403,
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:ListUsers on resource: "
        "arn:aws:iam::123456789012:user/ because no identity-based policy allows the iam:ListUsers action",
    )
    akia.client("iam").put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=policy({"Action": "iam:ListUsers"}))
    assert [user["UserName"] for user in alice.client("iam").list_users()["Users"]] == ["administrator", "alice"]
    used = akia.client("iam").get_access_key_last_used(AccessKeyId=alice.key.access_key_id)
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("iam", "us-east-1")
    told = [(record["eventName"], record.get("errorCode")) for record in history(akia, "AccessKeyId", alice.key.access_key_id)]
    assert told == [("ListUsers", None), ("ListUsers", "AccessDenied")]


def test_a_key_is_rotated_switched_off_and_deleted(akia: Any, refused: Any) -> None:
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName="alice")
    first = iam.create_access_key(UserName="alice")["AccessKey"]
    second = iam.create_access_key(UserName="alice")["AccessKey"]
    assert account_of(first["AccessKeyId"]) == akia.account and len(first["SecretAccessKey"]) == 40
    assert refused(iam.create_access_key, UserName="alice") == ("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2")
    old, new = akia.client("sts", pair(first)), akia.client("sts", pair(second))
    assert old.get_caller_identity() | {"ResponseMetadata": 0} == new.get_caller_identity() | {"ResponseMetadata": 0}

    iam.update_access_key(UserName="alice", AccessKeyId=first["AccessKeyId"], Status="Inactive")
    assert refused(old.get_caller_identity) == ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
    assert {key["AccessKeyId"]: key["Status"] for key in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]} == {
        first["AccessKeyId"]: "Inactive",
        second["AccessKeyId"]: "Active",
    }
    iam.delete_access_key(UserName="alice", AccessKeyId=first["AccessKeyId"])
    assert new.get_caller_identity()["Arn"].endswith(":user/alice")
    assert "SecretAccessKey" not in json.dumps(iam.list_access_keys(UserName="alice"), default=str)


def test_a_wrong_secret_and_a_wrong_id_have_errors_of_their_own_in_each_protocol(akia: Any, refused: Any) -> None:
    alice = akia.person("alice")
    forged, unknown = KeyPair(alice.key.access_key_id, "x" * 40), KeyPair("AKIARZPUZDIKAAAAAAAA", "x" * 40)
    assert refused(akia.client("sts", forged).get_caller_identity)[:2] == ("SignatureDoesNotMatch", 403)
    assert refused(akia.client("sts", unknown).get_caller_identity)[:2] == ("InvalidClientTokenId", 403)
    assert refused(akia.client("cloudtrail", forged).lookup_events)[:2] == ("InvalidSignatureException", 400)
    assert refused(akia.client("cloudtrail", unknown).lookup_events)[:2] == ("UnrecognizedClientException", 400)
    assert refused(akia.client("accessanalyzer", forged).list_analyzers)[:2] == ("InvalidSignatureException", 403)
    assert refused(akia.client("accessanalyzer", unknown).list_analyzers)[:2] == ("UnrecognizedClientException", 403)


def test_a_role_is_assumed_and_its_session_is_what_the_event_names(akia: Any, refused: Any, policy: Any) -> None:
    bob = akia.person("bob", {"Action": "sts:AssumeRole"})
    trust = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": akia.account}}}
    )
    iam = akia.client("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy({"Action": "iam:GetRole"}))
    made = bob.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="night")
    session = made["Credentials"]
    assert made["AssumedRoleUser"]["AssumedRoleId"] == f"{role['RoleId']}:night"
    options = {"key": pair(session), "token": session["SessionToken"]}
    assert akia.client("sts", **options).get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/reader/night"
    assert akia.client("iam", **options).get_role(RoleName="reader")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert refused(akia.client("iam", **options).list_roles)[0] == "AccessDenied"
    records = history(akia, "AccessKeyId", session["AccessKeyId"])
    assert [record["eventName"] for record in records] == ["ListRoles", "GetRole", "GetCallerIdentity"]
    assert records[0]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role["Arn"]
    assume = history(akia, "EventName", "AssumeRole")[0]
    assert assume["userIdentity"]["userName"] == "bob" and assume["readOnly"] is True
    kept = json.dumps(assume)
    assert session["SessionToken"] not in kept and session["SecretAccessKey"] not in kept


@pytest.mark.covers("I2.services.root")
def test_the_root_user_has_keys_of_its_own_and_answers_by_its_own_arn(akia: Any, refused: Any) -> None:
    root = "arn:aws:iam::123456789012:root"
    iam = akia.client("iam")
    assert akia.client("sts").get_caller_identity() | {"ResponseMetadata": 0} == {
        "UserId": akia.account,
        "Account": akia.account,
        "Arn": root,
        "ResponseMetadata": 0,
    }
    assert iam.get_user()["User"]["Arn"] == root
    second = iam.create_access_key()["AccessKey"]
    assert refused(iam.create_access_key)[0] == "LimitExceeded"
    assert akia.client("sts", pair(second)).get_caller_identity()["Arn"] == root
    iam.delete_access_key(AccessKeyId=second["AccessKeyId"])
    assert refused(akia.client("sts", pair(second)).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(akia.client("sts").assume_role, RoleArn="arn:aws:iam::123456789012:role/x", RoleSessionName="xx")[0] == "AccessDenied"


@pytest.mark.covers("I2.services.parity", "C2")
@pytest.mark.parametrize("service", ["secretsmanager", "ssm", "config"])
def test_what_is_not_built_yet_says_so_to_those_who_may_ask(akia: Any, refused: Any, service: str) -> None:
    call = {"secretsmanager": "list_secrets", "ssm": "describe_parameters", "config": "describe_config_rules"}[service]
    assert refused(getattr(akia.client(service), call))[:2] == ("NotImplementedException", 501)
    assert refused(getattr(akia.person("nobody").client(service), call))[0] == "AccessDeniedException"
