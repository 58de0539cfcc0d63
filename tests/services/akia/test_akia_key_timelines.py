"""All that was done with a key and to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests import organization
from tests.attacks.signer import Signer, form

from akia.authority.facts import RequestFacts
from akia.aws.ids import new_guid
from akia.pipeline.request import Request
from akia.store.founding import KeyPair
from akia.store.trail.events import _MAKING_SESSIONS

pytestmark = pytest.mark.covers("I6.timeline", "G10", "X18", "E8")


@pytest.fixture
def own(akia: Any) -> Any:
    return akia.client("akia")


def story(own: Any, key_id: str, **options: Any) -> list[tuple[str, bool]]:
    """Names of events, and whether the key or a session of it called; the oldest first."""
    pages = own.get_paginator("get_key_timeline").paginate(AccessKeyId=key_id, **options)
    return [(event["EventName"], event["ByKey"]) for page in pages for event in page["Events"]][::-1]


def session(akia: Any, service: str, taken: Any) -> Any:
    made = taken["Credentials"]
    return akia.client(service, KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])


@pytest.fixture
def bob(akia: Any) -> Any:
    trust = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}
    akia.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    akia.client("iam").attach_role_policy(RoleName="ops", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return akia.person("bob", {"Action": "*"})


def test_the_key_its_sessions_theirs_and_what_was_done_to_it_are_told_in_order(akia: Any, own: Any, bob: Any) -> None:
    ops = {"RoleArn": f"arn:aws:iam::{akia.account}:role/ops", "RoleSessionName": "ops"}
    bob.client("iam").list_users()
    first = bob.client("sts").assume_role(**ops)
    session(akia, "iam", first).list_roles()
    second = session(akia, "sts", first).assume_role(**ops)
    session(akia, "iam", second).list_groups()
    akia.client("iam").list_users()  # somebody else
    own.report_compromised_key(AccessKeyId=bob.key.access_key_id)
    told = [
        ("CreateAccessKey", False),
        ("ListUsers", True),
        ("AssumeRole", True),
        ("ListRoles", True),
        ("AssumeRole", True),
        ("ListGroups", True),
    ]
    found = story(own, bob.key.access_key_id)
    assert found[: len(told)] == told
    assert set(found[len(told) :]) == {("ReportCompromisedKey", False), ("AWS_RISK_CREDENTIALS_EXPOSED", False)}
    assert story(own, bob.key.access_key_id, PaginationConfig={"PageSize": 1}) == found
    assert own.get_key_timeline(AccessKeyId=bob.key.access_key_id)["SessionKeys"] == 2


def test_sessions_of_every_kind_are_followed(akia: Any, own: Any, bob: Any) -> None:
    sts = bob.client("sts")
    for taken in (sts.get_session_token(), sts.get_federation_token(Name="guest")):
        session(akia, "sts", taken).get_caller_identity()
    calls = [("GetSessionToken", True), ("GetFederationToken", True), ("GetCallerIdentity", True), ("GetCallerIdentity", True)]
    assert story(own, bob.key.access_key_id)[1:] == calls


def test_each_entry_says_who_called_from_where_and_whether_it_was_proven(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    akia.source_ip = "198.51.100.7"
    refused(akia.client("iam", KeyPair(bob.key.access_key_id, "x" * 40)).list_users)
    akia.source_ip = "127.0.0.1"
    entry = own.get_key_timeline(AccessKeyId=bob.key.access_key_id, MaxResults=1)["Events"][0]
    assert (entry["EventName"], entry["ErrorCode"], entry["Verified"]) == ("ListUsers", "SignatureDoesNotMatch", False)
    assert (entry["SourceAddress"], entry["AccessKeyId"]) == ("198.51.100.7", bob.key.access_key_id)
    assert entry["UserAgent"].startswith("Boto3") and entry["EventSource"] == "iam.amazonaws.com"


def test_a_key_that_is_gone_has_a_timeline_too_and_one_that_never_was_an_empty_one(akia: Any, own: Any, bob: Any) -> None:
    bob.client("iam").list_users()
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    assert story(own, bob.key.access_key_id) == [("CreateAccessKey", False), ("ListUsers", True), ("DeleteAccessKey", False)]
    assert story(own, "AKIA" + "Q" * 16) == []


def test_what_a_key_does_about_itself_is_told_once_and_looking_is_not(akia: Any, own: Any, bob: Any) -> None:
    bob.client("iam").update_access_key(AccessKeyId=bob.key.access_key_id, Status="Active")
    for _ in range(2):
        assert story(own, bob.key.access_key_id) == [("CreateAccessKey", False), ("UpdateAccessKey", True)]


def test_events_of_one_moment_are_neither_lost_nor_told_twice_between_pages(akia: Any, own: Any, bob: Any) -> None:
    for _ in range(6):
        bob.client("iam").list_users()
    akia.akia.authority.drain()
    akia.akia.store.connection.execute("UPDATE events SET at_ms = 5000 WHERE name = 'ListUsers'")
    whole = own.get_key_timeline(AccessKeyId=bob.key.access_key_id)["Events"]
    pages = own.get_paginator("get_key_timeline").paginate(AccessKeyId=bob.key.access_key_id, PaginationConfig={"PageSize": 2})
    assert [event["EventId"] for page in pages for event in page["Events"]] == [event["EventId"] for event in whole]
    assert len(whole) == 7


def test_the_sessions_of_a_key_are_found_among_millions_of_its_calls(akia: Any) -> None:
    plan = akia.akia.store.connection.execute(
        f"EXPLAIN QUERY PLAN {_MAKING_SESSIONS.sqlite}", account=akia.account, access_key_id="AKIAX", limit=9
    )
    assert [row[-1].split(" (")[0] for row in plan] == ["SEARCH events USING INDEX ix_events_making_sessions"]


def test_attack_another_accounts_key_has_no_timeline_here(akia: Any, own: Any, bob: Any) -> None:
    bob.client("iam").list_users()
    member = organization.World(akia).account().client("akia")
    assert len(story(own, bob.key.access_key_id)) == 2
    assert story(member, bob.key.access_key_id) == []


def test_attack_a_token_is_good_for_its_own_key_only(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    bob.client("iam").list_users()
    token = own.get_key_timeline(AccessKeyId=bob.key.access_key_id, MaxResults=1)["NextToken"]
    for asked in ({"AccessKeyId": "AKIA" + "Q" * 16, "NextToken": token}, {"AccessKeyId": bob.key.access_key_id, "NextToken": "x"}):
        assert refused(own.get_key_timeline, **asked)[0] == "ValidationException"


def test_attack_who_merely_claims_a_key_adds_no_sessions_to_it(akia: Any, own: Any, bob: Any) -> None:
    """AssumeRole with a wrong signature makes nothing that could be followed."""
    facts = RequestFacts(new_guid(), 1e9, "198.51.100.7", secure=False, user_agent="", host="akia.local:2542")
    forged = Signer(bob.key.access_key_id, "x" * 40).header(form("GetSessionToken", "sts"), "sts", at=1e9)
    assert akia.akia.direct().answer(Request(forged, facts)).status == 403
    assert own.get_key_timeline(AccessKeyId=bob.key.access_key_id)["SessionKeys"] == 0
