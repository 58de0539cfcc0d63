"""Fixtures of the tests of CloudTrail: a look-up as the account's root, and its records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.founding import KeyPair, add_root_key, found_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.testing.in_process import InProcess


@pytest.fixture
def lookup(akia: InProcess) -> Callable[..., list[dict[str, Any]]]:
    """`lookup(EventName="CreateUser")`: the events that have this attribute, newest first; all events without one."""

    def found(**attribute: str) -> list[dict[str, Any]]:
        given = [{"AttributeKey": key, "AttributeValue": value} for key, value in attribute.items()]
        events: list[dict[str, Any]] = akia.client("cloudtrail").lookup_events(LookupAttributes=given)["Events"]
        return events

    return found


@pytest.fixture
def records(lookup: Callable[..., list[dict[str, Any]]]) -> Callable[..., list[dict[str, Any]]]:
    """`records(EventName="CreateUser")`: the CloudTrail records of those events."""
    return lambda **attribute: [json.loads(event["CloudTrailEvent"]) for event in lookup(**attribute)]


ACTIVITY = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]


@pytest.fixture
def outside_store(akia: InProcess) -> Callable[..., str]:
    """`outside_store("partners")`: the ARN of a new event data store for events from outside."""

    def make(name: str = "partners", **options: Any) -> str:
        given = {"AdvancedEventSelectors": ACTIVITY, "TerminationProtectionEnabled": False} | options
        return str(akia.client("cloudtrail").create_event_data_store(Name=name, **given)["EventDataStoreArn"])

    return make


@pytest.fixture
def channel(akia: InProcess, outside_store: Callable[..., str]) -> str:
    """The ARN of a channel that leads to a new event data store."""
    destinations = [{"Type": "EVENT_DATA_STORE", "Location": outside_store()}]
    made = akia.client("cloudtrail").create_channel(Name="partner", Source="Custom", Destinations=destinations)
    return str(made["ChannelArn"])


@pytest.fixture
def role(akia: Any) -> Callable[..., str]:
    """`role("reader", trusted_arn)`: the ARN of a new role that may do everything."""

    def make(name: str, trusted: str, **options: Any) -> str:
        actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
        trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": actions}}
        iam = akia.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **options)["Role"]
        everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(everything))
        return str(made["Arn"])

    return make


@pytest.fixture
def other_root(akia: InProcess) -> KeyPair:
    """The key of the root user of another account, 444455556666."""
    store, other = akia.akia.store, "444455556666"
    store.connection.begin_immediate()
    found_account(store, other, 0)
    key = add_root_key(store, other, 0)
    store.connection.commit()
    return key
