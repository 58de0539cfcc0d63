"""Resource policies of event data stores and channels: kept, shown, refused. That they count is tested where they do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.lake.resource_policies")


@pytest.fixture
def client(akia: World) -> Any:
    return akia.client("cloudtrail")


@pytest.fixture
def store(client: Any) -> str:
    return str(client.create_event_data_store(Name="events", TerminationProtectionEnabled=False)["EventDataStoreArn"])


def document(arn: str, **statement: Any) -> str:
    made = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "cloudtrail:GetEventDataStore", "Resource": arn} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [made]})


def test_a_policy_is_kept_replaced_and_deleted(client: Any, store: str, channel: str, other_root: KeyPair, refused: Any) -> None:
    for arn, action in ((store, "cloudtrail:StartQuery"), (channel, "cloudtrail-data:PutAuditEvents")):
        for effect in ("Allow", "Deny"):
            given = document(arn, Action=action, Effect=effect)
            told = client.put_resource_policy(ResourceArn=arn, ResourcePolicy=given)
            assert (told["ResourceArn"], json.loads(told["ResourcePolicy"])) == (arn, json.loads(given))
            assert client.get_resource_policy(ResourceArn=arn)["ResourcePolicy"] == told["ResourcePolicy"]
        client.delete_resource_policy(ResourceArn=arn)
        for operation in (client.get_resource_policy, client.delete_resource_policy):
            assert refused(operation, ResourceArn=arn)[:2] == ("ResourcePolicyNotFoundException", 400)


@pytest.mark.parametrize(
    "wrong",
    [
        {"Resource": "*"},
        {"Resource": "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/other"},
        {"Action": "cloudtrail:CreateTrail"},
        {"Action": "cloudtrail-data:PutAuditEvents"},
        {"Action": "iam:CreateUser"},
        {"Action": "*"},
        {"NotAction": "cloudtrail:StartQuery", "Action": None},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:user/nobody"}},
        {"Principal": None},
        {"Effect": "Perhaps"},
        {"Condition": {"NoSuchOperator": {"aws:SourceIp": "10.0.0.0/8"}}},
    ],
    ids=str,
)
def test_what_no_policy_of_a_store_can_say(client: Any, store: str, wrong: dict[str, Any], refused: Any) -> None:
    made = json.loads(document(store, **wrong))
    made["Statement"] = [{name: value for name, value in made["Statement"][0].items() if value is not None}]
    told = refused(client.put_resource_policy, ResourceArn=store, ResourcePolicy=json.dumps(made))
    assert told[:2] == ("ResourcePolicyNotValidException", 400)
    assert refused(client.get_resource_policy, ResourceArn=store)[0] == "ResourcePolicyNotFoundException"


def test_a_policy_has_twenty_statements(client: Any, store: str, refused: Any) -> None:
    made = json.loads(document(store, Principal="*"))
    made["Statement"] *= 20
    client.put_resource_policy(ResourceArn=store, ResourcePolicy=json.dumps(made))
    made["Statement"] *= 2
    assert refused(client.put_resource_policy, ResourceArn=store, ResourcePolicy=json.dumps(made))[0] == "ResourcePolicyNotValidException"


def test_a_channel_takes_events_and_nothing_else(client: Any, channel: str, refused: Any) -> None:
    given = document(channel, Action="cloudtrail:GetChannel")
    assert refused(client.put_resource_policy, ResourceArn=channel, ResourcePolicy=given)[0] == "ResourcePolicyNotValidException"


def test_what_has_no_policy(akia: World, client: Any, store: str, refused: Any) -> None:
    client.create_trail(Name="audit", S3BucketName="logs")
    codes = {
        "not-an-arn": "ResourceARNNotValidException",
        f"arn:aws:iam::{akia.account}:user/alice": "ResourceARNNotValidException",
        f"arn:aws:cloudtrail:us-east-1:{akia.account}:trail/audit": "ResourceTypeNotSupportedException",
        store[:-1] + ("0" if store[-1] != "0" else "1"): "ResourceNotFoundException",
        store.replace("us-east-1", "eu-west-1"): "ResourceNotFoundException",
    }
    for arn, code in codes.items():
        for operation, given in (
            (client.put_resource_policy, {"ResourcePolicy": document(arn)}),
            (client.get_resource_policy, {}),
            (client.delete_resource_policy, {}),
        ):
            assert refused(operation, ResourceArn=arn, **given)[:2] == (code, 400)


def test_nt_99_another_account_sees_and_changes_no_policy(akia: World, client: Any, store: str, other_root: KeyPair, refused: Any) -> None:
    client.put_resource_policy(ResourceArn=store, ResourcePolicy=document(store))
    stranger = akia.client("cloudtrail", other_root)
    assert refused(stranger.get_resource_policy, ResourceArn=store)[0] == "ResourceNotFoundException"
    assert refused(stranger.put_resource_policy, ResourceArn=store, ResourcePolicy=document(store))[0] == "ResourceNotFoundException"
    assert refused(stranger.delete_resource_policy, ResourceArn=store)[0] == "ResourceNotFoundException"


def test_a_permission_is_for_a_resource(akia: World, client: Any, store: str, channel: str, refused: Any) -> None:
    person = akia.person("keeper", {"Action": "cloudtrail:*ResourcePolicy", "Resource": store}).client("cloudtrail")
    person.put_resource_policy(ResourceArn=store, ResourcePolicy=document(store))
    assert refused(person.get_resource_policy, ResourceArn=channel)[0] == "AccessDeniedException"


def test_the_policy_of_a_channel_goes_with_it(akia: World, client: Any, channel: str) -> None:
    client.put_resource_policy(ResourceArn=channel, ResourcePolicy=document(channel, Action="cloudtrail-data:PutAuditEvents"))
    client.delete_channel(Channel=channel)
    assert akia.akia.store.trail_resource_policies.get(channel) is None
