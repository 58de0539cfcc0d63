"""The record of one call, and who made it, in CloudTrail's form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.trails import MEMBERS

from akia.aws.ids import new_guid
from akia.trail import user_identity
from akia.trail.event import LARGEST, LONGEST_TEXT, Happening, event_region, event_source, record, written
from akia.trail.redaction import HIDDEN, redacted
from akia.trail.unverified import MOST_SOURCES, OWN_EVENTS, Surplus, UnverifiedCallers

ACCOUNT = "123456789012"


def happening(**changes: Any) -> Happening:
    facts: dict[str, Any] = {
        "event_id": "e",
        "request_id": "r",
        "ended": 1_722_512_008.9,
        "service": "iam",
        "operation": "CreateUser",
        "identity": {"type": "Root"},
        "account": ACCOUNT,
        "source_ip": "192.0.2.1",
        "user_agent": "agent",
        "region": "eu-west-1",
        "read_only": False,
    }
    return Happening(**facts | changes)


def test_ac1_1_a_success_has_these_fields_and_no_error() -> None:
    event = record(happening())
    assert list(event) == [*MEMBERS]
    assert event["requestParameters"] is None and event["responseElements"] is None
    assert (event["eventVersion"], event["eventType"], event["eventCategory"]) == ("1.11", "AwsApiCall", "Management")
    assert event["eventTime"] == "2024-08-01T11:33:28Z"


def test_ac1_1_a_failure_has_its_error_and_long_texts_are_cut() -> None:
    event = record(happening(error_code="AccessDenied", error_message="m" * 5_000, user_agent="u" * 5_000))
    assert (event["errorCode"], len(event["errorMessage"]), len(event["userAgent"])) == ("AccessDenied", LONGEST_TEXT, LONGEST_TEXT)
    assert list(event) == [*MEMBERS[:8], "errorCode", "errorMessage", *MEMBERS[8:]]


@pytest.mark.parametrize(("text", "kept"), [("é" * 600, "é" * 512), ("x" + "é" * 600, "x" + "é" * 511), ("€" * 400, "€" * 341)])
def test_ac1_1_texts_are_cut_by_bytes_between_two_characters(text: str, kept: str) -> None:
    event = record(happening(error_code="X", error_message=text, user_agent=text))
    assert event["errorMessage"] == event["userAgent"] == kept


@pytest.mark.parametrize(
    ("member", "field", "largest"),
    [
        ("requestParameters", "parameters", 100 * 1024),
        ("responseElements", "response", 100 * 1024),
        ("additionalEventData", "additional", 28 * 1024),
    ],
)
def test_contested_what_is_too_large_is_told_to_be_omitted(member: str, field: str, largest: int) -> None:
    """AC1.1 has the sizes; AWS's documentation only says that `omitted` is true then."""
    assert LARGEST[member] == largest
    fits, surplus = {"k": "x" * (largest - len('{"k":""}'))}, {"k": "x" * (largest - len('{"k":""}') + 1)}
    assert json.loads(written(happening(**{field: fits})))[member] == fits
    event = json.loads(written(happening(**{field: surplus})))
    assert event[member] == {"omitted": True, "originalSize": largest + 1, "reason": f"{member} too large"}
    assert {**event, member: None} == {**record(happening(**{field: surplus})), member: None}


def test_ac1_1_global_services_are_filed_in_one_region() -> None:
    assert event_region("iam", "eu-west-1") == event_region("ssm", "") == "us-east-1"
    assert event_region("ssm", "eu-west-1") == "eu-west-1"
    assert event_source("iam") == "iam.amazonaws.com"
    assert record(happening(source_ip=None))["sourceIPAddress"] == "AWS Internal"


def test_ac2_identities() -> None:
    user = user_identity.iam_user(id="AIDA", arn="a", account=ACCOUNT, access_key_id="AKIA", name="alice")
    assert list(user) == ["type", "principalId", "arn", "accountId", "accessKeyId", "userName"]
    attributes = user_identity.session_attributes(1_722_512_008, mfa=False)
    assert attributes == {"creationDate": "2024-08-01T11:33:28Z", "mfaAuthenticated": "false"}
    temporary = user_identity.iam_user(id="AIDA", arn="a", account=ACCOUNT, access_key_id="ASIA", name="alice", attributes=attributes)
    assert temporary["sessionContext"]["attributes"] == attributes
    root = user_identity.root(arn="r", account=ACCOUNT, access_key_id="AKIA", alias="acme")
    assert (root["type"], root["principalId"], root["userName"]) == ("Root", ACCOUNT, "acme")
    role = user_identity.assumed_role(
        role_id="AROA",
        session_name="s",
        session_arn="sa",
        account=ACCOUNT,
        access_key_id="ASIA",
        role_arn="ra",
        role_name="r",
        attributes=attributes,
        source_identity="ann",
    )
    assert role["principalId"] == "AROA:s"
    assert role["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": "AROA",
        "arn": "ra",
        "accountId": ACCOUNT,
        "userName": "r",
    }
    assert role["sessionContext"]["sourceIdentity"] == "ann"
    assert user_identity.unknown("AKIAX")["type"] == "Unknown"


@pytest.mark.parametrize("name", ["password", "secretAccessKey", "secretString", "tokenCode", "privateKey", "base32StringSeed"])
def test_ac3_1_secrets_are_dropped_wherever_they_stand(name: str) -> None:
    secret = {name: "x", "kept": 1}
    assert redacted(secret) == {"kept": 1}
    assert redacted({}) is redacted(None) is None
    assert redacted({"deep": {"list": [secret, "text"]}}) == {"deep": {"list": [{"kept": 1}, "text"]}}
    assert redacted({"rows": [[secret], [[secret]]]}) == {"rows": [[{"kept": 1}], [[{"kept": 1}]]]}


def test_what_was_given_empty_is_told_empty() -> None:
    assert redacted({"tags": {}, "list": [{}], "rows": []}) == {"tags": {}, "list": [{}], "rows": []}


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "])
def test_nt_67_a_private_key_is_hidden_in_whatever_member_it_stands(kind: str) -> None:
    pasted = f"-----BEGIN {kind}PRIVATE KEY-----\ncanary\n-----END {kind}PRIVATE KEY-----"
    certificate = "-----BEGIN CERTIFICATE-----\nbody\n-----END CERTIFICATE-----"
    elements = {"certificateBody": certificate + pasted, "list": [pasted, certificate], "deep": {"sSHPublicKeyBody": pasted}}
    assert redacted({"rows": [[pasted]]}) == {"rows": [[HIDDEN]]}
    assert redacted(elements) == {"certificateBody": HIDDEN, "list": [HIDDEN, certificate], "deep": {"sSHPublicKeyBody": HIDDEN}}


@pytest.mark.covers("I2.faults.floods")
def test_the_first_few_of_a_source_and_minute_have_events_the_others_are_counted() -> None:
    callers = UnverifiedCallers()
    deserving = [callers.deserves_event("a", "Missing", 120.0 + number) for number in range(OWN_EVENTS + 3)]
    assert deserving == [True] * OWN_EVENTS + [False] * 3
    assert callers.deserves_event("b", "Missing", 130.0)
    assert callers.finished(179.0) == []
    assert callers.finished(180.0) == [Surplus("a", 120, {"Missing": 3})]
    assert callers.finished(181.0) == []
    assert callers.deserves_event("a", "Missing", 181.0)


def test_the_clock_set_back_neither_loses_nor_doubles_a_count() -> None:
    callers = UnverifiedCallers()
    for _ in range(OWN_EVENTS + 2):
        callers.deserves_event("a", "x", 600.0)
    callers.deserves_event("a", "y", 60.0)
    assert callers.finished(660.0) == [Surplus("a", 600, {"x": 2, "y": 1})]


def test_the_memory_for_sources_is_bounded() -> None:
    callers = UnverifiedCallers()
    for number in range(MOST_SOURCES + 100):
        callers.deserves_event(str(number), "x", 60.0)
    assert len(callers._seen) == MOST_SOURCES + 1
    [surplus] = callers.finished(120.0)
    assert (surplus.source, surplus.counts) == ("other sources", {"x": 100 - OWN_EVENTS})


def test_event_ids_have_the_form_of_guids() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", new_guid())
