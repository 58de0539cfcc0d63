"""Events from outside: PutAuditEvents, what is taken and refused, and who may send."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import World

    from akia.identity.event_data_store import LakeEvent

pytestmark = pytest.mark.covers("I5.lake.channels")


@pytest.fixture
def data(akia: World) -> Any:
    return akia.client("cloudtrail-data")


def content(uid: str = "one", account: str = "123456789012", **more: Any) -> dict[str, Any]:
    return {
        "version": "1.0",
        "userIdentity": {"type": "CustomUserIdentity", "principalId": "alice@partner.example"},
        "eventSource": "partner.example",
        "eventName": "OpenDoor",
        "eventTime": "2026-01-02T03:04:05Z",
        "UID": uid,
        "recipientAccountId": account,
    } | more


def event(id_: str = "one", **more: Any) -> dict[str, str]:
    return {"id": id_, "eventData": json.dumps(content(id_, **more))}


def kept(akia: World, client: Any, channel: str) -> list[dict[str, Any]]:
    """The records in the store that the channel leads to."""
    [destination] = client.get_channel(Channel=channel)["Destinations"]
    rows: list[tuple[int, LakeEvent]] = akia.akia.store.lake_events.page(destination["Location"].rpartition("/")[2])
    return [json.loads(row.record) for _, row in rows]


@pytest.fixture
def records(akia: World, channel: str) -> Callable[[], list[dict[str, Any]]]:
    return lambda: kept(akia, akia.client("cloudtrail"), channel)


def test_an_event_comes_into_the_store(akia: World, data: Any, channel: str, records: Callable[[], list[dict[str, Any]]]) -> None:
    told = data.put_audit_events(channelArn=channel, auditEvents=[event(requestParameters={"door": 7})])
    assert told["failed"] == []
    [successful] = told["successful"]
    assert successful["id"] == "one"
    [record] = records()
    ingested = record["metadata"].pop("ingestionTime")
    assert len(ingested) == len("2026-01-02T03:04:05Z")
    assert record == {
        "eventVersion": "1.0",
        "eventCategory": "ActivityAuditLog",
        "eventType": "ActivityLog",
        "eventID": successful["eventID"],
        "eventTime": "2026-01-02T03:04:05Z",
        "awsRegion": "us-east-1",
        "recipientAccountId": akia.account,
        "metadata": {"channelARN": channel},
        "eventData": content(requestParameters={"door": 7}),
    }


def test_an_event_that_is_sent_again_is_there_once(data: Any, channel: str, records: Callable[[], list[dict[str, Any]]]) -> None:
    first = data.put_audit_events(channelArn=channel, auditEvents=[event()])["successful"]
    again = data.put_audit_events(channelArn=channel, auditEvents=[event(), event("two")])["successful"]
    assert again[0] == first[0]
    assert [record["eventData"]["UID"] for record in records()] == ["one", "two"]


def test_two_entries_with_one_id_are_refused_altogether(
    data: Any, channel: str, refused: Any, records: Callable[[], list[dict[str, Any]]]
) -> None:
    told = refused(data.put_audit_events, channelArn=channel, auditEvents=[event(), event()])
    assert told[:2] == ("DuplicatedAuditEventId", 400)
    assert records() == []


def test_a_checksum_is_checked_if_there_is_one(data: Any, channel: str) -> None:
    good, bad, short = event("good"), event("bad"), event("short")
    good["eventDataChecksum"] = b64encode(sha256(good["eventData"].encode()).digest()).decode()
    bad["eventDataChecksum"] = good["eventDataChecksum"]
    short["eventDataChecksum"] = "é"
    told = data.put_audit_events(channelArn=channel, auditEvents=[good, bad, short])
    assert [each["id"] for each in told["successful"]] == ["good"]
    assert [(each["id"], each["errorCode"]) for each in told["failed"]] == [("bad", "InvalidChecksum"), ("short", "InvalidChecksum")]


NESTED: dict[str, Any] = {}
for _ in range(252):
    NESTED = {"x": NESTED}

WRONG: dict[str, tuple[str, Any]] = {
    "not JSON": ("InvalidData", "{"),
    "not an object": ("InvalidData", "[]"),
    "NaN": ("InvalidData", '{"version": NaN}'),
    "empty": ("FieldNotFound", "{}"),
    "no user": ("FieldNotFound", {"userIdentity": None}),
    "an empty user": ("FieldNotFound", {"userIdentity": {}}),
    "no principal": ("FieldNotFound", {"userIdentity": {"type": "x"}}),
    "no UID": ("FieldNotFound", {"UID": ""}),
    "a user that is no object": ("InvalidData", {"userIdentity": "alice"}),
    "a name that is no string": ("InvalidData", {"eventName": 7}),
    "parameters that are no object": ("InvalidData", {"requestParameters": [1]}),
    "a long name": ("FieldTooLong", {"eventName": "x" * 257}),
    "a long principal": ("FieldTooLong", {"userIdentity": {"type": "x", "principalId": "x" * 1_025}}),
    "many parameters": ("FieldTooLong", {"requestParameters": {"x": "x" * 102_400}}),
    "a local time": ("InvalidData", {"eventTime": "2026-01-02T03:04:05"}),
    "a day that is not": ("InvalidData", {"eventTime": "2026-02-30T03:04:05Z"}),
    "a number for a time": ("InvalidData", {"eventTime": 5}),
    "another account": ("InvalidRecipient", {"recipientAccountId": "999999999999"}),
    "nested deeper than can be written": ("InvalidData", {"requestParameters": NESTED}),
    "nested deeper in what is not looked at": ("InvalidData", {"more": NESTED}),
    "an event of AWS": ("InvalidEventSource", {"eventSource": "iam.amazonaws.com"}),
    "an event of aws": ("InvalidEventSource", {"eventSource": "IAM.AmazonAWS.com"}),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_wrong_with_one_event_keeps_no_other_out(
    data: Any, channel: str, wrong: str, records: Callable[[], list[dict[str, Any]]]
) -> None:
    code, given = WRONG[wrong]
    bad = {"id": "bad", "eventData": given if isinstance(given, str) else json.dumps(content("bad") | given)}
    told = data.put_audit_events(channelArn=channel, auditEvents=[bad, event("good")])
    assert [(each["id"], each["errorCode"]) for each in told["failed"]] == [("bad", code)]
    assert [each["id"] for each in told["successful"]] == ["good"]
    assert [record["eventData"]["UID"] for record in records()] == ["good"]


def test_too_much_at_once_is_refused(data: Any, channel: str, refused: Any) -> None:
    large = [event(f"event-{number}", requestParameters={"x": "x" * 100_000}) for number in range(11)]
    assert refused(data.put_audit_events, channelArn=channel, auditEvents=large)[:2] == ("UnsupportedOperationException", 400)


def test_what_is_no_channel(data: Any, channel: str, refused: Any) -> None:
    told = refused(data.put_audit_events, channelArn="arn:aws:cloudtrail:us-east-1:123456789012:trail/x", auditEvents=[event()])
    assert told[:2] == ("InvalidChannelARN", 400)
    unknown = channel[:-1] + ("0" if channel[-1] != "0" else "1")
    assert refused(data.put_audit_events, channelArn=unknown, auditEvents=[event()])[:2] == ("ChannelNotFound", 400)


def test_a_store_that_takes_nothing_gets_nothing(akia: World, data: Any, channel: str) -> None:
    store = akia.akia.store
    [found] = store.event_data_stores.all()
    store.connection.begin_immediate()
    store.event_data_stores.replace(replace(found, ingestion=()))
    store.connection.commit()
    told = data.put_audit_events(channelArn=channel, auditEvents=[event()])
    assert told["successful"] == []
    assert [each["errorCode"] for each in told["failed"]] == ["AccountNotSubscribed"]
    assert store.lake_events.page(found.id) == []


def test_every_store_of_the_channel_gets_it(akia: World, data: Any, channel: str, outside_store: Callable[..., str]) -> None:
    client = akia.client("cloudtrail")
    stores = [client.get_channel(Channel=channel)["Destinations"][0]["Location"], outside_store("second")]
    client.update_channel(Channel=channel, Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store} for store in stores])
    data.put_audit_events(channelArn=channel, auditEvents=[event()])
    assert [akia.akia.store.lake_events.count(store.rpartition("/")[2]) for store in stores] == [1, 1]


def test_the_channel_tells_how_the_latest_events_came_in(akia: World, data: Any, channel: str) -> None:
    client = akia.client("cloudtrail")
    [successful] = data.put_audit_events(channelArn=channel, auditEvents=[event()])["successful"]
    status = client.get_channel(Channel=channel)["IngestionStatus"]
    assert status["LatestIngestionSuccessEventID"] == status["LatestIngestionAttemptEventID"] == successful["eventID"]
    assert "LatestIngestionErrorCode" not in status
    data.put_audit_events(channelArn=channel, auditEvents=[{"id": "bad", "eventData": "{"}])
    status = client.get_channel(Channel=channel)["IngestionStatus"]
    assert (status["LatestIngestionErrorCode"], status["LatestIngestionSuccessEventID"]) == ("InvalidData", successful["eventID"])


def test_nt_67_what_partners_send_is_not_in_the_event_of_the_call(akia: World, data: Any, channel: str) -> None:
    data.put_audit_events(channelArn=channel, auditEvents=[event(requestParameters={"password": "hunter2"})])
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "PutAuditEvents"}]
    [told] = akia.client("cloudtrail").lookup_events(LookupAttributes=wanted)["Events"]
    record = json.loads(told["CloudTrailEvent"])
    assert record["eventSource"] == "cloudtrail-data.amazonaws.com"
    assert record["requestParameters"] == {"auditEvents": [{"id": "one"}], "channelArn": channel}
    assert "hunter2" not in told["CloudTrailEvent"]


# Who may send


def document(channel: str, **statement: Any) -> str:
    made = {"Effect": "Allow", "Principal": "*", "Action": "cloudtrail-data:PutAuditEvents", "Resource": channel} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [made]})


def test_a_permission_is_for_a_channel(akia: World, channel: str, refused: Any) -> None:
    allowed = {"Action": "cloudtrail-data:PutAuditEvents", "Resource": channel}
    sender = akia.person("sender", allowed).client("cloudtrail-data")
    nobody = akia.person("nobody").client("cloudtrail-data")
    assert sender.put_audit_events(channelArn=channel, auditEvents=[event()])["failed"] == []
    assert refused(nobody.put_audit_events, channelArn=channel, auditEvents=[event()])[0] == "AccessDeniedException"


def test_the_channels_own_policy_lets_its_account_in_and_keeps_it_out(akia: World, channel: str, refused: Any) -> None:
    alice, bob = akia.person("alice"), akia.person("bob", {"Action": "cloudtrail-data:PutAuditEvents"})
    client = akia.client("cloudtrail")
    client.put_resource_policy(ResourceArn=channel, ResourcePolicy=document(channel, Principal={"AWS": alice.arn}))
    sent = {"channelArn": channel, "auditEvents": [event()]}
    assert alice.client("cloudtrail-data").put_audit_events(**sent)["failed"] == []
    assert bob.client("cloudtrail-data").put_audit_events(**sent)["failed"] == []
    client.put_resource_policy(ResourceArn=channel, ResourcePolicy=document(channel, Effect="Deny", Principal={"AWS": bob.arn}))
    for person in (alice, bob):
        assert refused(person.client("cloudtrail-data").put_audit_events, **sent)[0] == "AccessDeniedException"


def test_another_account_needs_the_channels_word_and_its_own(akia: World, channel: str, other_root: KeyPair, refused: Any) -> None:
    iam = akia.client("iam", other_root)
    iam.create_user(UserName="partner")
    made = iam.create_access_key(UserName="partner")["AccessKey"]
    partner = akia.client("cloudtrail-data", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    sent = {"channelArn": channel, "auditEvents": [event()]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "cloudtrail-data:*", "Resource": "*"}})
    iam.put_user_policy(UserName="partner", PolicyName="send", PolicyDocument=policy)
    assert refused(partner.put_audit_events, **sent)[0] == "AccessDeniedException", "without the channel's word"
    unknown = channel[:-1] + ("0" if channel[-1] != "0" else "1")
    assert refused(partner.put_audit_events, **sent | {"channelArn": unknown})[0] == "AccessDeniedException", "nobody learns what is there"
    client = akia.client("cloudtrail")
    client.put_resource_policy(ResourceArn=channel, ResourcePolicy=document(channel, Principal={"AWS": "444455556666"}))
    assert partner.put_audit_events(**sent)["failed"] == []
    iam.delete_user_policy(UserName="partner", PolicyName="send")
    assert refused(partner.put_audit_events, **sent)[0] == "AccessDeniedException", "without its own account's"
    iam.put_user_policy(UserName="partner", PolicyName="send", PolicyDocument=policy)
    client.delete_resource_policy(ResourceArn=channel)
    assert refused(partner.put_audit_events, **sent)[0] == "AccessDeniedException", "taken back"


def test_a_channel_can_ask_for_an_external_id(akia: World, channel: str, refused: Any) -> None:
    alice = akia.person("alice")
    condition = {"StringEquals": {"cloudtrail:ExternalId": "ours-17"}}
    policy = document(channel, Principal={"AWS": alice.arn}, Condition=condition)
    akia.client("cloudtrail").put_resource_policy(ResourceArn=channel, ResourcePolicy=policy)
    send = alice.client("cloudtrail-data").put_audit_events
    sent = {"channelArn": channel, "auditEvents": [event()]}
    assert send(**sent, externalId="ours-17")["failed"] == []
    assert refused(send, **sent)[0] == "AccessDeniedException"
    assert refused(send, **sent, externalId="theirs")[0] == "AccessDeniedException"


def test_nt_36_who_takes_over_a_deleted_users_name_does_not_take_over_the_channel(akia: World, channel: str, refused: Any) -> None:
    alice, client = akia.person("alice"), akia.client("cloudtrail")
    client.put_resource_policy(ResourceArn=channel, ResourcePolicy=document(channel, Principal={"AWS": alice.arn}))
    assert alice.arn in client.get_resource_policy(ResourceArn=channel)["ResourcePolicy"]
    iam = akia.client("iam")
    iam.delete_access_key(UserName="alice", AccessKeyId=alice.key.access_key_id)
    iam.delete_user(UserName="alice")
    second = akia.person("alice").client("cloudtrail-data")
    assert refused(second.put_audit_events, channelArn=channel, auditEvents=[event()])[0] == "AccessDeniedException"
    shown = json.loads(client.get_resource_policy(ResourceArn=channel)["ResourcePolicy"])
    assert shown["Statement"][0]["Principal"]["AWS"].startswith("AIDA")
