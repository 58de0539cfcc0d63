"""What every call leaves behind: CloudTrail's record (AC1 to AC3), and the decision beside it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.refusals import Observer, read
from tests.attacks.signer import Signer, form, json_call

from akia.aws import catalogue
from akia.services import every_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Person, World

    from akia.store.trail.event_row import EventRow
    from akia.wire import HttpRequest

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Record = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    from tests.conftest import World

    world = World()
    yield world
    world.close()


@pytest.fixture(scope="module")
def alice(world: World) -> Person:
    return world.person("alice", {"Action": ["iam:Get*", "iam:TagUser", "sts:*"]})


@pytest.fixture(scope="module")
def visitor(world: World, alice: Person) -> Signer:
    """A session of a role with a path and tags."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": alice.arn}}]}
    iam = world.client("iam")
    role = iam.create_role(RoleName="deploy", Path="/ops/", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="deploy", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    made = alice.client("sts").assume_role(
        RoleArn=role, RoleSessionName="visit", SourceIdentity="ann", Tags=[{"Key": "team", "Value": "x"}]
    )
    key = made["Credentials"]
    return Signer(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])


def left_by(world: World, http: HttpRequest) -> tuple[EventRow, Record]:
    """The one event of a call, and its record."""
    observer = Observer(world)
    answer = observer.send(http)
    [event] = observer.events(dict(answer.headers)[b"x-amzn-requestid"].decode())
    record: Record = json.loads(event.record)
    return event, record


@pytest.mark.covers("A6", "I2.services.lookup_events")
def test_ac2_2_a_call_by_root(world: World) -> None:
    event, record = left_by(world, Signer.of(world.root).header(form("ListUsers")))
    arn = f"arn:aws:iam::{world.account}:root"
    assert record["userIdentity"] == {
        "type": "Root",
        "principalId": world.account,
        "arn": arn,
        "accountId": world.account,
        "accessKeyId": world.root.access_key_id,
    }
    assert (event.username, event.access_key_id, event.verified, event.account) == ("root", world.root.access_key_id, True, world.account)


@pytest.mark.covers("A6", "I2.services.lookup_events")
def test_ac2_1_a_call_by_a_user(world: World, alice: Person) -> None:
    event, record = left_by(world, Signer.of(alice.key).header(form("GetUser", UserName="alice")))
    user_id = world.client("iam").get_user(UserName="alice")["User"]["UserId"]
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user_id,
        "arn": alice.arn,
        "accountId": world.account,
        "accessKeyId": alice.key.access_key_id,
        "userName": "alice",
    }
    assert (event.username, event.resources) == ("alice", (("AWS::IAM::User", "alice"),))


@pytest.mark.covers("A6", "I2.services.assume_role")
def test_ac2_3_a_call_by_a_role_session(world: World, visitor: Signer) -> None:
    event, record = left_by(world, visitor.header(form("ListUsers")))
    role = world.client("iam").get_role(RoleName="deploy")["Role"]
    identity = record["userIdentity"]
    assert (identity["type"], identity["accessKeyId"]) == ("AssumedRole", visitor.key_id)
    assert identity["principalId"] == f"{role['RoleId']}:visit"
    assert identity["arn"] == f"arn:aws:sts::{world.account}:assumed-role/deploy/visit"
    issuer = {"type": "Role", "principalId": role["RoleId"], "arn": role["Arn"], "accountId": world.account, "userName": "deploy"}
    assert identity["sessionContext"]["sessionIssuer"] == issuer
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert identity["sessionContext"]["sourceIdentity"] == "ann"
    assert event.username == "visit"


def test_ac2_1_a_call_with_a_users_session_token(world: World, alice: Person) -> None:
    made = alice.client("sts").get_session_token()["Credentials"]
    signer = Signer(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    event, record = left_by(world, signer.header(form("GetCallerIdentity", "sts"), "sts"))
    identity = record["userIdentity"]
    assert (identity["type"], identity["userName"], identity["accessKeyId"]) == ("IAMUser", "alice", made["AccessKeyId"])
    assert identity["sessionContext"]["attributes"].keys() == {"creationDate", "mfaAuthenticated"}
    assert (event.username, event.access_key_id) == ("alice", made["AccessKeyId"])


@pytest.mark.covers("E14", "I2.wire.request_ids")
def test_ac1_1_the_fields_of_every_record(world: World, alice: Person) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    event, record = left_by(world, Signer.of(alice.key).header(form("GetUser"), region="eu-central-1"))
    assert before <= datetime.fromisoformat(record["eventTime"]) <= datetime.now(UTC)
    assert (record["eventSource"], record["eventName"], record["awsRegion"]) == ("iam.amazonaws.com", "GetUser", "us-east-1")
    assert GUID.fullmatch(record["eventID"]) and GUID.fullmatch(record["requestID"]) and record["eventID"] != record["requestID"]
    assert (record["eventID"], record["requestID"]) == (event.event_id, event.request_id)
    assert (record["recipientAccountId"], record["managementEvent"], record["readOnly"]) == (world.account, True, True)
    assert "errorCode" not in record and "errorMessage" not in record


def test_ac1_1_regional_services_are_filed_where_they_were_signed_for(world: World) -> None:
    event, record = left_by(world, Signer.of(world.root).header(json_call("AmazonSSM.DescribeParameters"), "ssm", region="eu-west-3"))
    assert (record["awsRegion"], record["eventSource"], event.region) == ("eu-west-3", "ssm.amazonaws.com", "eu-west-3")
    assert (record["errorCode"], record["readOnly"]) == ("NotImplementedException", False)


def test_ac1_3_and_ac1_4_a_change_tells_what_was_asked_and_what_was_made(world: World) -> None:
    _, record = left_by(world, Signer.of(world.root).header(form("CreateUser", UserName="made", Path="/x/")))
    assert record["requestParameters"] == {"userName": "made", "path": "/x/"}
    made = record["responseElements"]["user"]
    assert made.keys() >= {"userName", "userId", "arn", "path", "createDate"}
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d{2}:\d{2} [AP]M", made["createDate"])
    _, reading = left_by(world, Signer.of(world.root).header(form("GetUser", UserName="made")))
    assert (reading["requestParameters"], reading["responseElements"]) == ({"userName": "made"}, None)


@pytest.mark.covers("A4")
def test_ac3_1_a_new_key_is_recorded_without_its_secret(world: World) -> None:
    world.client("iam").create_user(UserName="keyed")
    _, record = left_by(world, Signer.of(world.root).header(form("CreateAccessKey", UserName="keyed")))
    assert record["responseElements"]["accessKey"].keys() == {"userName", "accessKeyId", "status", "createDate"}
    assert "ecret" not in json.dumps(record["responseElements"])


def test_ac3_1_and_ac3_3_new_sessions_are_recorded_without_secret_and_token(world: World, alice: Person) -> None:
    event, record = left_by(world, Signer.of(alice.key).header(form("GetSessionToken", "sts", DurationSeconds="900"), "sts"))
    made = record["responseElements"]["credentials"]
    assert record["requestParameters"] == {"durationSeconds": 900}
    assert made.keys() - {"sessionToken", "sessionTokenSha256"} == {"accessKeyId", "expiration"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", made[name]) for name in made.keys() & {"sessionToken", "sessionTokenSha256"})
    assert event.name == "GetSessionToken"


@pytest.mark.covers("E12", "E1")
def test_ac3_2_a_denial_tells_who_and_why_but_no_parameters(world: World, alice: Person) -> None:
    event, record = left_by(world, Signer.of(alice.key).header(form("DeleteUser", UserName="made")))
    assert (record["errorCode"], record["requestParameters"], record["responseElements"]) == ("AccessDenied", None, None)
    assert record["errorMessage"] == (
        f"User: {alice.arn} is not authorized to perform: iam:DeleteUser on resource: arn:aws:iam::{world.account}:user/x/made "
        "because no identity-based policy allows the iam:DeleteUser action"
    )
    assert (event.error_code, event.verified) == ("AccessDenied", True)


def test_a_refusal_after_authorization_keeps_its_parameters(world: World) -> None:
    _, record = left_by(world, Signer.of(world.root).header(form("GetUser", UserName="missing")))
    assert (record["errorCode"], record["requestParameters"]) == ("NoSuchEntity", {"userName": "missing"})


@pytest.mark.covers("I2.policy.records")
def test_a_denial_has_a_decision_record_beside_it(world: World, alice: Person) -> None:
    event, _ = left_by(world, Signer.of(alice.key).header(form("DeleteUser", UserName="keyed")))
    [decision] = json.loads(event.decision)
    user = world.client("iam").get_user(UserName="alice")["User"]
    assert (decision["principalArn"], decision["principalId"]) == (alice.arn, user["UserId"])
    assert (decision["action"], decision["resources"]) == ("iam:DeleteUser", [f"arn:aws:iam::{world.account}:user/keyed"])
    assert (decision["outcome"], decision["rule"]) == ("implicitDeny", "P1.3-7")
    assert (decision["statements"], decision["blamed"]) == ([], "identity-based policy")
    assert decision["policies"] == [[f"{user['UserId']}/test", ""]]
    assert decision["context"]["aws:securetransport"] == "false"


@pytest.mark.covers("I2.policy.records", "I2.policy.decisions")
def test_a_grant_and_an_explicit_denial_name_the_statements_that_decided(world: World) -> None:
    iam = world.client("iam")
    text = {"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}]}
    text["Statement"].append({"Sid": "No", "Effect": "Deny", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/keyed"})  # type: ignore[attr-defined]  # a list
    arn = iam.create_policy(PolicyName="both", PolicyDocument=json.dumps(text))["Policy"]["Arn"]
    person = world.person("judged")
    iam.attach_user_policy(UserName="judged", PolicyArn=arn)
    granted, _ = left_by(world, Signer.of(person.key).header(form("GetUser", UserName="judged")))
    denied, record = left_by(world, Signer.of(person.key).header(form("GetUser", UserName="keyed")))
    [grant], [denial] = json.loads(granted.decision), json.loads(denied.decision)
    assert (grant["outcome"], grant["statements"]) == ("allowed", [[arn, "Read", 0]])
    assert (denial["outcome"], denial["statements"]) == ("explicitDeny", [[arn, "No", 1]])
    assert grant["policies"] == [[arn, "v1"]]
    assert record["errorMessage"].endswith(f"with an explicit deny in an identity-based policy: {arn}")


def test_an_unverified_call_is_filed_as_claimed(world: World, alice: Person) -> None:
    event, record = left_by(world, Signer(alice.key.access_key_id, "wrong").header(form("GetUser")))
    assert record["userIdentity"] == {
        "type": "Unknown",
        "principalId": "",
        "accountId": "",
        "accessKeyId": alice.key.access_key_id,
        "userName": "",
    }
    assert (record["errorCode"], event.verified, event.username, event.account) == ("SignatureDoesNotMatch", False, "", world.account)


def test_sv6_3_a_kept_refusal_holds_no_canonical_request(world: World, visitor: Signer) -> None:
    """Which the client gets in a JSON service's answer, session token included."""
    forged = Signer(visitor.key_id, "wrong", visitor.token).header(json_call("AmazonSSM.GetParameter"), "ssm")
    refusal = read(Observer(world).send(forged))
    assert "The Canonical String for this request should have been" in refusal.message
    [event] = Observer(world).events(refusal.request_id)
    assert "Canonical" not in event.record and (visitor.token or "") not in event.record


def test_a_call_of_nothing_is_an_unknown_operation(world: World, alice: Person) -> None:
    event, record = left_by(world, Signer.of(alice.key).header(json_call("AmazonSSM.NoSuchThing"), "ssm"))
    assert (event.name, record["eventSource"], record["errorCode"]) == (
        "UnknownOperation",
        "ssm.amazonaws.com",
        "UnknownOperationException",
    )
    hostile = Signer.of(alice.key).header(form("ListUsers"), 'x"}<script>')
    assert left_by(world, hostile)[1]["eventSource"] == "unknown.amazonaws.com"


@pytest.mark.parametrize("service", ["iam", "sts", "cloudtrail"])
def test_nt_88_every_operation_that_is_performed_has_an_action_in_the_catalogue(service: str) -> None:
    operations = list(every_service()[service])
    assert operations
    for operation in operations:
        mapped = catalogue.action_of(service, operation.name)
        assert mapped is not None, operation.name
        assert mapped.lower() == operation.action.text.lower()
