"""A role of another account: both accounts have an event of its being taken, and they name each other (AC1.1, AC2.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.organization import World as Organization

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from tests.conftest import World


def taken(client: Any) -> list[dict[str, Any]]:
    found = client.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}])["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def test_taking_a_role_of_another_account_leaves_an_event_in_both(akia: World) -> None:
    member = Organization(akia).account("dev")
    role = f"arn:aws:iam::{member.id}:role/OrganizationAccountAccessRole"
    session = akia.client("sts", akia.admin).assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
    [here] = taken(akia.client("cloudtrail"))
    [there] = taken(member.client("cloudtrail"))
    assert (here["recipientAccountId"], there["recipientAccountId"]) == (akia.account, member.id)
    assert here["sharedEventID"] == there["sharedEventID"]
    assert here["eventID"] != there["eventID"] and here["requestID"] == there["requestID"]
    assert here["userIdentity"]["userName"] == "administrator"
    assert there["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": here["userIdentity"]["principalId"],
        "accountId": akia.account,
    }
    assert here["responseElements"] == there["responseElements"]
    key = KeyPair(session["AccessKeyId"], session["SecretAccessKey"])
    akia.client("iam", key, token=session["SessionToken"]).list_users()
    listed = member.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListUsers"}])
    assert len(listed["Events"]) == 1


def test_taking_a_role_of_ones_own_account_leaves_one(akia: World, policy: Any) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": akia.account}}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = akia.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    akia.client("sts", akia.admin).assume_role(RoleArn=role, RoleSessionName="home")
    [event] = taken(akia.client("cloudtrail"))
    assert "sharedEventID" not in event
