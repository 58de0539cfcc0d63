"""LookupEvents: finding events (AC6)."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config

from akia.store.founding import KeyPair
from akia.store.trail.event_row import EventRow
from akia.store.trail.lookup import LOOKUPS, Attribute

pytestmark = pytest.mark.covers("I2.services.lookup_events")

OTHER_ACCOUNT = "444455556666"
UNCHECKED = Config(parameter_validation=False)
DAY_MS = 86_400_000
NOW_MS = int(time.time() * 1000)


def row(account: str, number: int, at_ms: int, **fields: Any) -> EventRow:
    plain: dict[str, Any] = {
        "event_id": f"event-{number:04}",
        "request_id": f"request-{number}",
        "account": account,
        "at_ms": at_ms,
        "name": "Past",
        "source": "iam.amazonaws.com",
        "username": "",
        "access_key_id": "",
        "verified": True,
        "read_only": True,
        "error_code": "",
        "region": "us-east-1",
        "record": json.dumps({"number": number}),
        "decision": "[]",
    }
    return EventRow(**plain | fields)


@pytest.fixture
def past(akia: Any) -> Any:
    """`past(row, …)`: put events into the history as if they had happened."""

    def add(*rows: EventRow) -> None:
        store = akia.akia.store
        store.connection.begin_immediate()
        store.events.add(rows)
        store.connection.commit()

    return add


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["EventName"] for event in events]


# What is found


@pytest.mark.covers("E12")
def test_every_answered_call_is_found_at_once_refused_ones_too(akia: Any, lookup: Any, refused: Any) -> None:
    bob = akia.person("bob")
    refused(bob.client("iam").list_users)
    akia.client("sts", bob.key).get_caller_identity()
    assert names(lookup(Username="bob")) == ["GetCallerIdentity", "ListUsers"]
    assert names(lookup())[:4] == ["LookupEvents", "GetCallerIdentity", "ListUsers", "CreateAccessKey"]


def test_ac6_3_an_item_has_its_members(akia: Any, lookup: Any) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    akia.client("iam").create_user(UserName="alice")
    (event,) = lookup(EventName="CreateUser")
    record = json.loads(event["CloudTrailEvent"])
    assert event == {
        "EventId": record["eventID"],
        "EventName": "CreateUser",
        "ReadOnly": "false",
        "AccessKeyId": akia.root.access_key_id,
        "EventTime": event["EventTime"],
        "EventSource": "iam.amazonaws.com",
        "Username": "root",
        "Resources": event["Resources"],
        "CloudTrailEvent": event["CloudTrailEvent"],
    }
    assert {"ResourceType": "AWS::IAM::User", "ResourceName": "alice"} in event["Resources"]
    assert before <= event["EventTime"] <= datetime.now(UTC)
    assert record["eventTime"] == event["EventTime"].strftime("%Y-%m-%dT%H:%M:%SZ")


def test_ac6_1_each_attribute_finds_its_events_and_no_others(akia: Any, lookup: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    bob.client("iam").create_user(UserName="alice")
    (created,) = [event for event in lookup(EventName="CreateUser") if event["Username"] == "bob"]
    assert lookup(EventId=created["EventId"]) == [created]
    assert lookup(AccessKeyId=bob.key.access_key_id) == [created]
    assert lookup(Username="bob") == [created]
    assert lookup(ResourceName="alice") == [created]
    assert created in lookup(ResourceType="AWS::IAM::User") and created in lookup(EventSource="iam.amazonaws.com")
    for attribute in ("EventId", "EventName", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId", "ReadOnly"):
        assert lookup(**{attribute: "nothing-like-it"}) == []
    assert lookup(EventName="createuser") == [] and lookup(Username="BOB") == []


def test_ac6_3_read_only_is_asked_for_and_answered_as_text(akia: Any, lookup: Any) -> None:
    akia.client("iam").create_user(UserName="alice")
    akia.client("iam").list_users()
    reads, changes = lookup(ReadOnly="true"), lookup(ReadOnly="false")
    assert {event["ReadOnly"] for event in reads} == {"true"} and {event["ReadOnly"] for event in changes} == {"false"}
    assert "ListUsers" in names(reads) and names(changes) == ["CreateUser"]
    assert lookup(ReadOnly="True") == lookup(ReadOnly="1") == []


def test_ac6_3_the_username_of_root_users_and_sessions(akia: Any, lookup: Any, role: Any) -> None:
    bob = akia.person("bob")
    arn = role("reader", bob.arn)
    session = bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="night-shift")["Credentials"]
    pair = KeyPair(session["AccessKeyId"], session["SecretAccessKey"])
    akia.client("sts", pair, token=session["SessionToken"]).get_caller_identity()
    assert names(lookup(Username="night-shift")) == ["GetCallerIdentity"]
    assert names(lookup(Username="bob")) == ["AssumeRole"]
    assert "CreateRole" in names(lookup(Username="root"))


def test_who_took_a_role_is_found_by_role_session_and_key(akia: Any, lookup: Any, role: Any) -> None:
    bob = akia.person("bob")
    arn = role("reader", bob.arn)
    made = bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")
    (event,) = lookup(ResourceName=made["Credentials"]["AccessKeyId"])
    assert event["Resources"] == [
        {"ResourceType": "AWS::IAM::Role", "ResourceName": arn},
        {"ResourceType": "AWS::STS::AssumedRole", "ResourceName": made["AssumedRoleUser"]["Arn"]},
        {"ResourceType": "AWS::IAM::AccessKey", "ResourceName": made["Credentials"]["AccessKeyId"]},
    ]
    assert event in lookup(ResourceName=arn) and lookup(ResourceType="AWS::STS::AssumedRole") == [event]


def test_an_event_that_names_nobody_leaves_the_members_out(akia: Any, lookup: Any, past: Any) -> None:
    past(row(akia.account, 1, NOW_MS))
    (event,) = lookup(EventName="Past")
    assert "Username" not in event and "AccessKeyId" not in event and event["Resources"] == []


def test_ac6_2_events_of_all_regions_show_in_every_region(akia: Any) -> None:
    akia.client("cloudtrail", region="eu-west-1").lookup_events()
    akia.client("iam").list_users()
    found = akia.client("cloudtrail", region="ap-south-1").lookup_events()["Events"]
    assert [json.loads(event["CloudTrailEvent"])["awsRegion"] for event in found] == ["us-east-1", "eu-west-1"]


def test_nt_99_another_account_sees_nothing_of_it(akia: Any, other_root: KeyPair) -> None:
    akia.client("iam").create_user(UserName="alice")
    theirs = akia.client("cloudtrail", other_root)
    event_id = akia.client("cloudtrail").lookup_events()["Events"][0]["EventId"]
    attributes = {
        "EventId": event_id,
        "ResourceName": "alice",
        "AccessKeyId": akia.root.access_key_id,
        "EventName": "CreateUser",
        "Username": "root",
    }
    for attribute, value in attributes.items():
        found = theirs.lookup_events(LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}])["Events"]
        assert {event["AccessKeyId"] for event in found} <= {other_root.access_key_id}
    assert {event["AccessKeyId"] for event in theirs.lookup_events()["Events"]} == {other_root.access_key_id}
    assert all(event["AccessKeyId"] != other_root.access_key_id for event in akia.client("cloudtrail").lookup_events()["Events"])


def test_nt_99_a_session_in_another_account_leaves_its_events_there(akia: Any, lookup: Any, other_root: KeyPair) -> None:
    bob = akia.person("bob", {"Action": "sts:AssumeRole"})
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": bob.arn}, "Action": "sts:AssumeRole"}}
    arn = akia.client("iam", other_root).create_role(RoleName="guest", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    made = bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="visit")["Credentials"]
    session = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
    akia.client("sts", session, token=made["SessionToken"]).get_caller_identity()
    asked = [{"AttributeKey": "AccessKeyId", "AttributeValue": made["AccessKeyId"]}]
    (event,) = akia.client("cloudtrail", other_root).lookup_events(LookupAttributes=asked)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["recipientAccountId"] == record["userIdentity"]["accountId"] == OTHER_ACCOUNT
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == arn
    assert lookup(AccessKeyId=made["AccessKeyId"]) == []
    assert names(lookup(Username="bob")) == ["AssumeRole"]


def test_it_needs_permission(akia: Any, refused: Any) -> None:
    bob = akia.person("bob")
    code, status, message = refused(bob.client("cloudtrail").lookup_events)
    assert (code, status) == ("AccessDeniedException", 400)
    assert message.startswith(f"User: {bob.arn} is not authorized to perform: cloudtrail:LookupEvents")


# When


def test_ac6_2_newest_first_and_ninety_days_back(akia: Any, lookup: Any, past: Any) -> None:
    days = (89, 1, 91, 0, 200)
    past(*(row(akia.account, number, NOW_MS - number * DAY_MS) for number in days))
    assert [json.loads(event["CloudTrailEvent"])["number"] for event in lookup(EventName="Past")] == [0, 1, 89]
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Past"}], "StartTime": datetime(2000, 1, 1, tzinfo=UTC)}
    assert len(akia.client("cloudtrail").lookup_events(**asked)["Events"]) == 3


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(None, None, 3), (0, 0, 1), (0, 1, 2), (-1, 0, 2), (1, None, 1), (None, -1, 1), (2, None, 0), (None, -2, 0), (-1, 1, 3)],
)
def test_ac6_1_start_and_end_are_both_included(akia: Any, past: Any, start: int, end: int, found: int) -> None:
    moment = datetime.fromtimestamp(NOW_MS // 1000 - 3_600, UTC)
    base = int(moment.timestamp()) * 1000
    past(row(akia.account, 1, base - 1_000 + 999), row(akia.account, 2, base + 500), row(akia.account, 3, base + 1_000))
    period = {name: moment + timedelta(seconds=offset) for name, offset in (("StartTime", start), ("EndTime", end)) if offset is not None}
    asked = [{"AttributeKey": "EventName", "AttributeValue": "Past"}]
    assert len(akia.client("cloudtrail").lookup_events(LookupAttributes=asked, **period)["Events"]) == found


def test_an_event_that_seems_to_be_in_the_future_is_seen(akia: Any, lookup: Any, past: Any) -> None:
    past(row(akia.account, 1, NOW_MS + 3_600_000))
    assert names(lookup(EventName="Past")) == ["Past"]


def test_ac6_1_a_start_after_the_end_is_refused(akia: Any, refused: Any) -> None:
    now = datetime.now(UTC)
    code, status, _ = refused(akia.client("cloudtrail").lookup_events, StartTime=now, EndTime=now - timedelta(seconds=1))
    assert (code, status) == ("InvalidTimeRangeException", 400)


# How many


def test_ac6_1_a_page_has_fifty_events_unless_asked_for_less(akia: Any, past: Any) -> None:
    past(*(row(akia.account, number, NOW_MS - number // 3) for number in range(120)))
    asked = [{"AttributeKey": "EventName", "AttributeValue": "Past"}]
    cloudtrail = akia.client("cloudtrail")
    assert len(cloudtrail.lookup_events(LookupAttributes=asked)["Events"]) == 50
    assert len(cloudtrail.lookup_events(LookupAttributes=asked, MaxResults=1)["Events"]) == 1
    for size in (7, 40, 50):
        pages = list(cloudtrail.get_paginator("lookup_events").paginate(LookupAttributes=asked, PaginationConfig={"PageSize": size}))
        numbers = [json.loads(event["CloudTrailEvent"])["number"] for page in pages for event in page["Events"]]
        assert sorted(numbers) == list(range(120)) and [number // 3 for number in numbers] == sorted(number // 3 for number in range(120))
        assert all(len(page["Events"]) == size for page in pages[:-1])


def test_a_last_page_that_is_full_has_no_token(akia: Any, past: Any) -> None:
    past(*(row(akia.account, number, NOW_MS) for number in range(50)))
    asked = [{"AttributeKey": "EventName", "AttributeValue": "Past"}]
    assert "NextToken" not in akia.client("cloudtrail").lookup_events(LookupAttributes=asked)


@pytest.mark.parametrize("most", [0, 51, -1, 1_000])
def test_contested_other_page_sizes_are_refused_with_the_models_own_error(akia: Any, refused: Any, most: Any) -> None:
    """The model has it; nobody has shown when AWS uses it instead of ValidationException."""
    code, status, message = refused(akia.client("cloudtrail", config=UNCHECKED).lookup_events, MaxResults=most)
    assert (code, status) == ("InvalidMaxResultsException", 400) and "'maxResults'" in message


@pytest.mark.parametrize("most", [10**20, "5", 1.5, True])
def test_ac6_1_what_is_no_number_is_no_page_size(akia: Any, refused: Any, most: Any) -> None:
    code, status, _ = refused(akia.client("cloudtrail", config=UNCHECKED).lookup_events, MaxResults=most)
    assert status == 400 and code in {"InvalidMaxResultsException", "SerializationException"}


@pytest.mark.parametrize(
    "attributes",
    [
        [{"AttributeKey": "EventName", "AttributeValue": "a"}, {"AttributeKey": "Username", "AttributeValue": "b"}],
        [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2,
    ],
)
def test_ac6_1_one_attribute_only(akia: Any, refused: Any, attributes: Any) -> None:
    code, status, _ = refused(akia.client("cloudtrail").lookup_events, LookupAttributes=attributes)
    assert (code, status) == ("InvalidLookupAttributesException", 400)


@pytest.mark.parametrize(
    "attribute",
    [
        {"AttributeKey": "eventName", "AttributeValue": "a"},
        {"AttributeKey": "Region", "AttributeValue": "a"},
        {"AttributeKey": "EventName"},
        {"AttributeValue": "a"},
        {"AttributeKey": "EventName", "AttributeValue": ""},
        {"AttributeKey": "EventName", "AttributeValue": "x" * 2_001},
    ],
)
def test_ac6_1_attributes_are_aws_words(akia: Any, refused: Any, attribute: Any) -> None:
    code, status, _ = refused(akia.client("cloudtrail", config=UNCHECKED).lookup_events, LookupAttributes=[attribute])
    assert (code, status) == ("InvalidLookupAttributesException", 400)


def test_nt_54_values_are_data_and_no_pattern(akia: Any, lookup: Any) -> None:
    akia.client("iam").create_user(UserName="alice")
    for value in ("%", "_", "*", "Create%", "Create*", "' OR 1=1 --", '"', "CreateUser\x00"):
        assert lookup(EventName=value) == []


def test_ac6_1_there_are_no_insight_events(akia: Any, refused: Any) -> None:
    cloudtrail = akia.client("cloudtrail", config=UNCHECKED)
    cloudtrail.lookup_events()
    assert cloudtrail.lookup_events()["Events"]
    assert cloudtrail.lookup_events(EventCategory="insight")["Events"] == []
    assert refused(cloudtrail.lookup_events, EventCategory="management")[:2] == ("InvalidEventCategoryException", 400)


# While events come in


@pytest.mark.covers("I5.lookup.stable")
@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_are_stable_while_events_come_in(akia: Any, past: Any, size: int) -> None:
    """What was there when the first page was read is shown once, whatever comes in before, behind and between, late events included."""
    past(*(row(akia.account, number, NOW_MS - number * 10) for number in range(0, 60, 2)))
    asked: dict[str, Any] = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Past"}], "MaxResults": size}
    cloudtrail, shown, late = akia.client("cloudtrail"), [], 0
    while True:
        page = cloudtrail.lookup_events(**asked)
        shown += [json.loads(event["CloudTrailEvent"])["number"] for event in page["Events"]]
        if "NextToken" not in page:
            break
        asked["NextToken"] = page["NextToken"]
        if late < 20:
            past(row(akia.account, 1_000 + late, NOW_MS + late), row(akia.account, 2_000 + late, NOW_MS - 5 - 10 * late))
        late += 1
    assert [number for number in shown if number < 1_000] == list(range(0, 60, 2))
    assert len(shown) == len(set(shown))


def test_ties_of_a_millisecond_are_told_apart_by_their_ids(akia: Any, past: Any) -> None:
    past(*(row(akia.account, number, NOW_MS) for number in range(20)))
    cloudtrail = akia.client("cloudtrail")
    asked = [{"AttributeKey": "EventName", "AttributeValue": "Past"}]
    pages = list(cloudtrail.get_paginator("lookup_events").paginate(LookupAttributes=asked, PaginationConfig={"PageSize": 3}))
    numbers = [json.loads(event["CloudTrailEvent"])["number"] for page in pages for event in page["Events"]]
    assert numbers == sorted(range(20), reverse=True)


@pytest.mark.covers("I5.lookup.indexed")
@pytest.mark.parametrize("attribute", [None, *Attribute])
def test_every_look_up_is_found_by_an_index_and_sorted_by_it(akia: Any, attribute: Attribute | None) -> None:
    """A key's events among millions: no table is gone through, and nothing is sorted but the events of one page."""
    plan = akia.akia.store.connection.execute(
        f"EXPLAIN QUERY PLAN {LOOKUPS[attribute].sqlite}",
        account=akia.account, start_ms=0, before_ms=NOW_MS, before_id="", limit=50, **({"value": "x"} if attribute else {}),
    )  # fmt: skip
    steps = [row[-1] for row in plan]
    assert not [step for step in steps if step.startswith("SCAN events")], steps
    if attribute not in {Attribute.RESOURCE_TYPE, Attribute.RESOURCE_NAME, Attribute.EVENT_ID}:
        assert not [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step and "LAST TERM" not in step.upper()], steps


# NextToken


@pytest.fixture
def paged(akia: Any, past: Any) -> Any:
    """A look-up whose first page has been read, and its token."""
    past(*(row(akia.account, number, NOW_MS - number) for number in range(6)))
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Past"}], "MaxResults": 2}
    return asked, akia.client("cloudtrail").lookup_events(**asked)["NextToken"]


@pytest.mark.covers("I2.wire.pagination")
def test_ac6_1_a_token_is_bound_to_its_parameters(akia: Any, refused: Any, paged: Any) -> None:
    asked, token = paged
    cloudtrail, now = akia.client("cloudtrail"), datetime.now(UTC)
    assert [event["EventId"] for event in cloudtrail.lookup_events(**asked, NextToken=token)["Events"]] == ["event-0002", "event-0003"]
    assert len(cloudtrail.lookup_events(**asked | {"MaxResults": 50}, NextToken=token)["Events"]) == 4
    others: list[dict[str, Any]] = [
        {"LookupAttributes": []},
        {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Pass"}]},
        {"LookupAttributes": [{"AttributeKey": "EventId", "AttributeValue": "Past"}]},
        {"StartTime": now - timedelta(days=1)},
        {"EndTime": now},
        {"EventCategory": "insight"},
    ]
    for other in others:
        assert refused(cloudtrail.lookup_events, **asked | other, NextToken=token)[:2] == ("InvalidNextTokenException", 400)


@pytest.mark.covers("I2.wire.pagination")
def test_nt_99_a_token_is_bound_to_its_account(akia: Any, refused: Any, paged: Any, other_root: KeyPair) -> None:
    asked, token = paged
    assert refused(akia.client("cloudtrail", other_root).lookup_events, **asked, NextToken=token)[0] == "InvalidNextTokenException"


@pytest.mark.covers("I2.wire.pagination")
def test_a_forged_token_is_refused(akia: Any, refused: Any, paged: Any) -> None:
    asked, token = paged
    raw = urlsafe_b64decode(token)
    changed = [urlsafe_b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode() for at in range(0, len(raw), 5)]
    for wrong in (
        "",
        "x",
        "é",
        "2",
        token[:-4],
        token + "AAAA",
        token + "\n",
        token[:9] + "!" + token[9:],
        token.replace("=", "") + "===",
        *changed,
    ):
        assert refused(akia.client("cloudtrail").lookup_events, **asked, NextToken=wrong)[:2] == ("InvalidNextTokenException", 400), wrong
