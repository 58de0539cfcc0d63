"""What an event says: the CloudTrail record of a call, by whom it was, and what is left out of it (AC1 to AC3)."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

import pytest
from botocore.config import Config
from tests.trails import MEMBERS

from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I2.services.lookup_events", "A6")

GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile("20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")


def pair(credentials: dict[str, str]) -> KeyPair:
    return KeyPair(credentials["AccessKeyId"], credentials["SecretAccessKey"])


@pytest.fixture
def bob(akia: Any) -> Any:
    return akia.person("bob")


def test_ac1_1_every_record_has_these_members(akia: Any, records: Any) -> None:
    akia.source_ip = "203.0.113.7"
    answer = akia.client("iam").create_user(UserName="alice", Path="/team/")
    (record,) = records(EventName="CreateUser")
    assert list(record) == [*MEMBERS]
    assert record["eventVersion"] == "1.11" and record["eventType"] == "AwsApiCall" and record["eventCategory"] == "Management"
    assert MOMENT.fullmatch(record["eventTime"]) and GUID.fullmatch(record["eventID"])
    assert (record["eventSource"], record["eventName"], record["awsRegion"]) == ("iam.amazonaws.com", "CreateUser", "us-east-1")
    assert record["sourceIPAddress"] == "203.0.113.7" and record["userAgent"].startswith("Boto3/")
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"] != record["eventID"]
    assert record["readOnly"] is False and record["managementEvent"] is True and record["recipientAccountId"] == akia.account
    assert record["requestParameters"] == {"path": "/team/", "userName": "alice"}
    user = record["responseElements"]["user"]
    assert (user["userName"], user["arn"]) == ("alice", "arn:aws:iam::123456789012:user/team/alice")
    assert re.fullmatch(r"[A-Z][a-z]{2} [0-9]{1,2}, 20[0-9]{2},? [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M", user["createDate"])


def test_ac1_1_global_services_are_in_us_east_1_and_others_where_they_were_called(akia: Any, records: Any) -> None:
    akia.client("iam", region="eu-west-1").list_users()
    akia.client("sts", region="eu-west-1").get_caller_identity()
    akia.client("cloudtrail", region="eu-west-1").lookup_events()
    regions = {record["eventName"]: record["awsRegion"] for record in records()}
    assert (regions["ListUsers"], regions["LookupEvents"]) == ("us-east-1", "eu-west-1")


def test_ac1_1_reads_have_no_response_elements(akia: Any, records: Any) -> None:
    akia.client("iam").list_users(PathPrefix="/team/")
    akia.client("sts").get_caller_identity()
    (listed,), (identity,) = records(EventName="ListUsers"), records(EventName="GetCallerIdentity")
    assert listed["requestParameters"] == {"pathPrefix": "/team/"} and listed["responseElements"] is None and listed["readOnly"] is True
    assert identity["requestParameters"] is None and identity["responseElements"] is None and identity["readOnly"] is True


def test_ac1_1_failures_have_code_and_message_and_no_response(akia: Any, refused: Any, records: Any) -> None:
    code, _, message = refused(akia.client("iam").get_user, UserName="absent")
    (record,) = records(EventName="GetUser")
    assert list(record) == [*MEMBERS[:8], "errorCode", "errorMessage", *MEMBERS[8:]]
    assert (record["errorCode"], record["errorMessage"]) == (code, message)
    assert record["requestParameters"] == {"userName": "absent"} and record["responseElements"] is None


def test_ac1_1_the_error_code_is_the_one_that_the_client_saw(akia: Any, refused: Any, bob: Any, records: Any) -> None:
    told = refused(bob.client("cloudtrail").lookup_events)
    record = records(Username="bob")[0]
    assert (record["errorCode"], record["errorMessage"]) == (told[0], told[2]) and told[0] == "AccessDeniedException"


def test_ac1_1_long_texts_are_cut(akia: Any, records: Any) -> None:
    akia.client("iam", config=Config(user_agent="x" * 3_000)).list_users()
    (record,) = records(EventName="ListUsers")
    assert len(record["userAgent"]) == 1_024


# By whom


def test_ac2_2_root(akia: Any, records: Any) -> None:
    akia.client("iam").list_users()
    root: dict[str, Any] = {"type": "Root", "principalId": akia.account, "arn": "arn:aws:iam::123456789012:root", "accountId": akia.account}
    assert records(EventName="ListUsers")[0]["userIdentity"] == root | {"accessKeyId": akia.root.access_key_id}


def test_ac2_2_the_root_user_is_called_by_the_accounts_alias_as_long_as_there_is_one(akia: Any, records: Any) -> None:
    iam = akia.client("iam")
    iam.list_users()
    iam.create_account_alias(AccountAlias="acme")
    iam.list_users()
    iam.create_account_alias(AccountAlias="apex")
    iam.list_users()
    iam.delete_account_alias(AccountAlias="apex")
    iam.list_users()
    names = [record["userIdentity"].get("userName") for record in records(EventName="ListUsers")]
    assert names == [None, "apex", "acme", None]


def test_ac1_1_parameters_that_are_too_large_are_left_out_and_the_call_is_recorded(akia: Any, records: Any) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    akia.client("iam").simulate_custom_policy(PolicyInputList=[document], ActionNames=["iam:" + "x" * 100] * 1_000)
    (record,) = records(EventName="SimulateCustomPolicy")
    assert record["requestParameters"].pop("originalSize") > 100 * 1_024
    assert record["requestParameters"] == {"omitted": True, "reason": "requestParameters too large"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_contested_sts_tells_the_region_that_it_was_called_in(akia: Any, records: Any, region: str) -> None:
    """AC5.2: akia's STS is filed in one region, as AWS's global endpoint is, and says which region a client signed for."""
    akia.client("sts", region=region).get_caller_identity()
    (record,) = records(EventName="GetCallerIdentity")
    assert record["additionalEventData"] == {"RequestDetails": {"endpointType": "global", "awsServingRegion": region}}
    assert record["awsRegion"] == "us-east-1"


def test_ac2_1_a_user(akia: Any, bob: Any, records: Any) -> None:
    bob.client("sts").get_caller_identity()
    user = akia.client("iam").get_user(UserName="bob")["User"]
    identity = {"type": "IAMUser", "principalId": user["UserId"], "arn": bob.arn, "accountId": akia.account}
    expected = identity | {"accessKeyId": bob.key.access_key_id, "userName": "bob"}
    assert records(EventName="GetCallerIdentity")[0]["userIdentity"] == expected


@pytest.mark.parametrize("who", ["bob", "root"])
def test_ac2_1_and_2_a_session_of_ones_own_has_a_context(akia: Any, bob: Any, records: Any, who: str) -> None:
    made = akia.client("sts", bob.key if who == "bob" else akia.root).get_session_token()["Credentials"]
    akia.client("sts", pair(made), token=made["SessionToken"]).get_caller_identity()
    identity = records(EventName="GetCallerIdentity")[0]["userIdentity"]
    assert identity["type"] == {"bob": "IAMUser", "root": "Root"}[who] and identity["accessKeyId"] == made["AccessKeyId"]
    attributes = identity["sessionContext"].pop("attributes")
    assert MOMENT.fullmatch(attributes["creationDate"]) and attributes["mfaAuthenticated"] == "false"
    assert identity["sessionContext"] == {"sessionIssuer": {}, "webIdFederationData": {}}


def test_ac2_3_a_session_of_a_role(akia: Any, bob: Any, role: Any, records: Any) -> None:
    arn = role("reader", bob.arn, Path="/team/")
    role_id = akia.client("iam").get_role(RoleName="reader")["Role"]["RoleId"]
    made = bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")["Credentials"]
    akia.client("iam", pair(made), token=made["SessionToken"]).list_users()
    identity = records(EventName="ListUsers")[0]["userIdentity"]
    created = identity["sessionContext"]["attributes"]["creationDate"]
    assert identity == {
        "type": "AssumedRole",
        "principalId": f"{role_id}:night",
        "arn": "arn:aws:sts::123456789012:assumed-role/reader/night",
        "accountId": akia.account,
        "accessKeyId": made["AccessKeyId"],
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": role_id, "arn": arn, "accountId": akia.account, "userName": "reader"},
            "webIdFederationData": {},
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }
    assert MOMENT.fullmatch(created)


def test_ac2_3_the_source_identity_stands_in_every_event_of_the_chain(akia: Any, role: Any, records: Any) -> None:
    bob = akia.person("carol", {"Action": "sts:*"})
    first, second = role("first", akia.account), role("second", akia.account)
    one = bob.client("sts").assume_role(RoleArn=first, RoleSessionName="one", SourceIdentity="diego")["Credentials"]
    two = akia.client("sts", pair(one), token=one["SessionToken"]).assume_role(RoleArn=second, RoleSessionName="two")["Credentials"]
    akia.client("iam", pair(two), token=two["SessionToken"]).list_users()
    for record in (records(Username="one")[0], records(Username="two")[0]):
        assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "diego"


def test_nt_92_who_did_not_verify_is_unknown_and_filed_with_the_keys_owner(akia: Any, bob: Any, refused: Any, records: Any) -> None:
    refused(akia.client("iam", KeyPair(bob.key.access_key_id, "x" * 40)).list_users)
    (record,) = records(AccessKeyId=bob.key.access_key_id)
    assert record["userIdentity"]["type"] == "Unknown" and "arn" not in record["userIdentity"]
    assert record["errorCode"] == "SignatureDoesNotMatch" and record["requestParameters"] is None
    assert records(Username="bob") == []


# What is left out


def test_ac3_1_a_new_keys_secret_is_not_kept(akia: Any, records: Any) -> None:
    akia.client("iam").create_user(UserName="alice")
    made = akia.client("iam").create_access_key(UserName="alice")["AccessKey"]
    (record,) = records(ResourceName=made["AccessKeyId"])
    assert record["requestParameters"] == {"userName": "alice"}
    assert record["responseElements"]["accessKey"] | {"createDate": ""} == {
        "userName": "alice",
        "accessKeyId": made["AccessKeyId"],
        "status": "Active",
        "createDate": "",
    }
    assert made["SecretAccessKey"] not in json.dumps(record)


def test_ac3_1_assume_role_keeps_what_was_asked_and_what_was_made_but_no_secret(akia: Any, role: Any, records: Any) -> None:
    carol = akia.person("carol", {"Action": "sts:*"})
    arn = role("reader", akia.account)
    narrow = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}})
    asked = {"RoleSessionName": "night", "DurationSeconds": 900, "ExternalId": "partner", "SourceIdentity": "diego", "Policy": narrow}
    made = carol.client("sts").assume_role(RoleArn=arn, **asked)
    (record,) = records(EventName="AssumeRole")
    assert record["readOnly"] is True and record["eventSource"] == "sts.amazonaws.com"
    assert record["requestParameters"] == {
        "roleArn": arn,
        "roleSessionName": "night",
        "durationSeconds": 900,
        "externalId": "partner",
        "sourceIdentity": "diego",
        "policy": narrow,
    }
    response = record["responseElements"]
    assert re.fullmatch(
        r"[A-Z][a-z]{2} [0-9]{1,2}, 20[0-9]{2}, [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M", response["credentials"].pop("expiration")
    )
    assert response["credentials"] == {
        "accessKeyId": made["Credentials"]["AccessKeyId"],
        "sessionToken": sha256(made["Credentials"]["SessionToken"].encode()).hexdigest(),  # AC3.3
    }
    assert response["assumedRoleUser"] == {"assumedRoleId": made["AssumedRoleUser"]["AssumedRoleId"], "arn": made["AssumedRoleUser"]["Arn"]}
    assert (response["packedPolicySize"], response["sourceIdentity"]) == (made["PackedPolicySize"], "diego")
    assert record["resources"] == [{"accountId": akia.account, "type": "AWS::IAM::Role", "ARN": arn}]
    text = json.dumps(record)
    assert made["Credentials"]["SecretAccessKey"] not in text and made["Credentials"]["SessionToken"] not in text


def test_ac3_1_get_session_token_leaves_no_secret_and_no_one_time_password(akia: Any, bob: Any, refused: Any, records: Any) -> None:
    made = bob.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    refused(bob.client("sts").get_session_token, SerialNumber="GAHT12345678", TokenCode="123456")
    denied, done = records(EventName="GetSessionToken")
    assert done["requestParameters"] == {"durationSeconds": 900}
    assert done["responseElements"]["credentials"]["sessionToken"] == sha256(made["SessionToken"].encode()).hexdigest()
    assert "secretAccessKey" not in done["responseElements"]["credentials"] and made["SecretAccessKey"] not in json.dumps(done)
    assert denied["requestParameters"] is None and denied["errorCode"] == "AccessDenied"


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_ac3_2_denied_calls_of_iam_and_sts_have_no_parameters_and_a_decision_beside_them(
    akia: Any, bob: Any, role: Any, refused: Any, records: Any, service: str
) -> None:
    akia.person("friend")
    arn = role("reader", "arn:aws:iam::123456789012:user/friend")
    calls = {"iam": ("get_user", {"UserName": "friend"}), "sts": ("assume_role", {"RoleArn": arn, "RoleSessionName": "night"})}
    name, asked = calls[service]
    message = refused(getattr(bob.client(service), name), **asked)[2]
    (record,) = records(Username="bob")
    assert record["requestParameters"] is None and record["responseElements"] is None and "resources" not in record
    assert (record["errorCode"], record["errorMessage"]) == ("AccessDenied", message)
    (kept,) = akia.akia.store.events.by_request_id(record["requestID"])
    (decision,) = json.loads(kept.decision)
    assert decision["outcome"] == "implicitDeny" and decision["principalArn"] == bob.arn
    assert decision["resources"] == [{"iam": "arn:aws:iam::123456789012:user/friend", "sts": arn}[service]]


def test_a_refused_assume_role_is_found_by_the_role(akia: Any, bob: Any, refused: Any, lookup: Any) -> None:
    absent = "arn:aws:iam::123456789012:role/absent"
    refused(bob.client("sts").assume_role, RoleArn=absent, RoleSessionName="night")
    (event,) = lookup(ResourceName=absent)
    assert event["Username"] == "bob" and json.loads(event["CloudTrailEvent"])["errorCode"] == "AccessDenied"


def test_a_presented_session_token_is_in_no_record(akia: Any, bob: Any, role: Any, refused: Any) -> None:
    arn = role("reader", bob.arn)
    made = bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")["Credentials"]
    token = made["SessionToken"]
    akia.client("iam", pair(made), token=token).list_users()
    refused(akia.client("iam", KeyPair(made["AccessKeyId"], "x" * 40), token=token).list_users)
    refused(akia.client("iam", bob.key, token=token).list_users)
    akia.akia.authority.drain_journals()
    rows = akia.akia.store.events.lookup(akia.account)
    assert len(rows) >= 5
    for row in rows:
        assert token not in row.record + row.decision and made["SecretAccessKey"] not in row.record + row.decision
