"""Access keys that have leaked: all that is done at once, and what is told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests import organization

from akia.store.founding import KeyPair
from akia.store.iam.compromise_reports import CompromiseReports

pytestmark = pytest.mark.covers("I6.compromise", "E8", "C10", "X8")

QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
DEAD = "InvalidClientTokenId"


@pytest.fixture
def own(akia: Any) -> Any:
    return akia.client("akia")


@pytest.fixture
def bob(akia: Any) -> Any:
    return akia.person("bob", {"Action": "*"})


def pair(key: Any) -> KeyPair:
    return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])


def of_session(akia: Any, service: str, taken: Any) -> Any:
    return akia.client(service, pair(taken["Credentials"]), token=taken["Credentials"]["SessionToken"])


def test_the_key_is_dead_its_user_quarantined_and_its_sessions_ended(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    second = pair(akia.client("iam").create_access_key(UserName="bob")["AccessKey"])
    sessions = [akia.client("sts", key).get_session_token() for key in (bob.key, second)]
    bob.client("iam").list_users()
    report = own.report_compromised_key(AccessKeyId=bob.key.access_key_id, Note="found in a paste")["Report"]
    assert refused(bob.client("sts").get_caller_identity)[0] == DEAD
    for taken in sessions:  # the user's own sessions end with any of its keys
        assert refused(of_session(akia, "sts", taken).get_caller_identity)[0] == DEAD
    iam = akia.client("iam")
    assert [each["Status"] for each in iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]] == ["Inactive", "Active"]
    assert [each["PolicyArn"] for each in iam.list_attached_user_policies(UserName="bob")["AttachedPolicies"]] == [QUARANTINE]
    assert refused(akia.client("iam", second).create_user, UserName="x")[0] == "AccessDenied"
    last_used = report.pop("LastUsedAt")
    assert last_used <= report["ReportedAt"]
    assert report == {
        "ReportId": report["ReportId"],
        "AccessKeyId": bob.key.access_key_id,
        "UserName": "bob",
        "ReportedAt": report["ReportedAt"],
        "ReportedBy": f"arn:aws:iam::{akia.account}:root",
        "Note": "found in a paste",
        "StatusBefore": "Active",
        "QuarantinePolicyArn": QUARANTINE,
    }
    assert own.get_compromise_report(ReportId=report["ReportId"])["Report"] == report | {"LastUsedAt": last_used}


def test_a_key_in_its_place_is_opened_when_asked_for_and_told_once(akia: Any, own: Any, bob: Any) -> None:
    own.tag_access_key(AccessKeyId=bob.key.access_key_id, Tags=[{"Key": "team", "Value": "blue"}])
    own.put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions={"Networks": ["127.0.0.0/8"]})
    akia.client("iam").create_access_key(UserName="bob")  # the quota is used up: the slot of a rotation is left
    told = own.report_compromised_key(AccessKeyId=bob.key.access_key_id, OpenReplacement=True)
    replacement = told["Replacement"]
    assert (replacement["UserName"], replacement["AccessKeyId"]) == ("bob", told["Report"]["ReplacementAccessKeyId"])
    akia.client("sts", pair(replacement)).get_caller_identity()
    described = own.describe_access_key(AccessKeyId=replacement["AccessKeyId"])
    assert described["AccessKey"]["Tags"] == [{"Key": "team", "Value": "blue"}]
    restrictions = own.get_access_key_restrictions(AccessKeyId=replacement["AccessKeyId"])["Restrictions"]
    assert restrictions["Networks"] == ["127.0.0.0/8"]
    secret = replacement["SecretAccessKey"]
    assert secret not in json.dumps(own.get_compromise_report(ReportId=told["Report"]["ReportId"]), default=str)
    events = akia.client("cloudtrail").lookup_events()["Events"]
    assert "ReportCompromisedKey" in {event["EventName"] for event in events}
    assert not any(secret in event["CloudTrailEvent"] for event in events)


def test_that_there_is_no_room_for_another_key_is_no_reason_to_go_on(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    keys = [own.report_compromised_key(AccessKeyId=bob.key.access_key_id, OpenReplacement=True)["Replacement"]]
    keys.append(own.report_compromised_key(AccessKeyId=keys[0]["AccessKeyId"], OpenReplacement=True)["Replacement"])
    told = own.report_compromised_key(AccessKeyId=keys[1]["AccessKeyId"], OpenReplacement=True)
    assert "Replacement" not in told and "Cannot exceed quota" in told["Report"]["ReplacementRefused"]
    assert refused(akia.client("sts", pair(keys[1])).get_caller_identity)[0] == DEAD


def test_neither_the_quota_of_policies_nor_a_naming_rule_stops_it(akia: Any, own: Any, bob: Any, policy: Any) -> None:
    iam = akia.client("iam")
    for number in range(10):
        arn = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=policy({"Action": "s3:*"}))["Policy"]["Arn"]
        iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    own.put_key_naming_rule(RequiredAttributes=["Ticket"])
    told = own.report_compromised_key(AccessKeyId=bob.key.access_key_id, OpenReplacement=True)
    assert told["Report"]["QuarantinePolicyArn"] == QUARANTINE
    assert told["Replacement"]["Status"] == "Active"


def test_an_older_quarantine_can_be_asked_for_and_one_that_is_there_stays(akia: Any, own: Any, bob: Any) -> None:
    older = "AWSCompromisedKeyQuarantineV2"
    for _ in range(2):
        report = own.report_compromised_key(AccessKeyId=bob.key.access_key_id, QuarantinePolicy=older)["Report"]
        assert report["QuarantinePolicyArn"] == f"arn:aws:iam::aws:policy/{older}"
    assert report["StatusBefore"] == "Inactive"
    assert len(akia.client("iam").list_attached_user_policies(UserName="bob")["AttachedPolicies"]) == 1


def test_a_key_of_root_is_contained_too_though_no_policy_binds_root(akia: Any, own: Any, refused: Any) -> None:
    root = pair(akia.client("iam").create_access_key()["AccessKey"])
    taken = akia.client("sts", root).get_session_token()
    report = akia.client("akia", akia.admin).report_compromised_key(AccessKeyId=root.access_key_id)["Report"]
    assert "UserName" not in report and "QuarantinePolicyArn" not in report
    assert refused(akia.client("sts", root).get_caller_identity)[0] == DEAD
    assert refused(of_session(akia, "sts", taken).get_caller_identity)[0] == DEAD
    own.list_compromise_reports()  # root's other key goes on


def test_reports_stay_when_the_key_and_its_user_go(akia: Any, own: Any, bob: Any) -> None:
    report = own.report_compromised_key(AccessKeyId=bob.key.access_key_id)["Report"]
    iam = akia.client("iam")
    iam.delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    iam.detach_user_policy(UserName="bob", PolicyArn=QUARANTINE)
    for name in iam.list_user_policies(UserName="bob")["PolicyNames"]:
        iam.delete_user_policy(UserName="bob", PolicyName=name)
    iam.delete_user(UserName="bob")
    assert own.get_compromise_report(ReportId=report["ReportId"])["Report"] == report
    assert own.list_compromise_reports()["Reports"] == [report]


def test_reports_come_in_pages_the_latest_first_and_of_one_account(akia: Any, own: Any, refused: Any) -> None:
    people = [akia.person(name) for name in ("a", "b", "c")]
    made = [own.report_compromised_key(AccessKeyId=person.key.access_key_id)["Report"] for person in people]
    akia.akia.store.connection.execute("UPDATE compromise_reports SET reported = 5 WHERE key_id = :key", key=made[0]["AccessKeyId"])
    pages = list(own.get_paginator("list_compromise_reports").paginate(PaginationConfig={"PageSize": 1}))
    listed = [each["ReportId"] for page in pages for each in page["Reports"]]
    assert len(pages) == 3 and set(listed) == {each["ReportId"] for each in made} and listed[-1] == made[0]["ReportId"]
    member = organization.World(akia).account().client("akia")
    assert member.list_compromise_reports()["Reports"] == []
    assert refused(member.get_compromise_report, ReportId=made[0]["ReportId"])[0] == "ResourceNotFoundException"
    assert refused(own.list_compromise_reports, NextToken="bogus")[0] == "ValidationException"


def test_attack_another_accounts_key_cannot_be_reported(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    member = organization.World(akia).account().client("akia")
    assert refused(member.report_compromised_key, AccessKeyId=bob.key.access_key_id)[0] == "ResourceNotFoundException"
    assert own.list_compromise_reports()["Reports"] == []
    bob.client("sts").get_caller_identity()


@pytest.mark.parametrize("missing", ["akia:ReportCompromisedKey", "iam:UpdateAccessKey", "iam:AttachUserPolicy", "iam:CreateAccessKey"])
def test_attack_what_iam_forbids_is_not_had_by_a_report(akia: Any, bob: Any, refused: Any, missing: str) -> None:
    actions = ["akia:ReportCompromisedKey", "iam:UpdateAccessKey", "iam:AttachUserPolicy", "iam:CreateAccessKey"]
    reporter = akia.person("reporter", {"Action": [action for action in actions if action != missing]})
    asked = {"AccessKeyId": bob.key.access_key_id, "OpenReplacement": True}
    code, _, message = refused(reporter.client("akia").report_compromised_key, **asked)
    assert code == "AccessDeniedException" and f"perform: {missing} on" in message
    bob.client("sts").get_caller_identity()
    if missing == "iam:CreateAccessKey":
        reporter.client("akia").report_compromised_key(AccessKeyId=bob.key.access_key_id)


@pytest.mark.parametrize(
    ("action", "condition"),
    [
        ("iam:UpdateAccessKey", {"StringEquals": {"iam:ResourceTag/team": "prod"}}),
        ("iam:CreateAccessKey", {"StringEquals": {"aws:ResourceTag/team": "prod"}}),
        ("iam:AttachUserPolicy", {"ArnEquals": {"iam:PolicyARN": QUARANTINE}}),
        ("iam:AttachUserPolicy", {"ArnEquals": {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}),
    ],
    ids=["tag", "replacement", "policy", "boundary"],
)
def test_attack_what_iam_denies_by_a_condition_is_not_had_by_a_report(
    akia: Any, bob: Any, refused: Any, action: str, condition: dict[str, Any]
) -> None:
    akia.client("iam").tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "prod"}])
    akia.client("iam").put_user_permissions_boundary(UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    deny = {"Effect": "Deny", "Action": action, "Condition": condition}
    reporter = akia.person("reporter", {"Action": ["akia:*", "iam:*"]}, deny).client("akia")
    asked = {"AccessKeyId": bob.key.access_key_id, "OpenReplacement": True}
    code, _, message = refused(reporter.report_compromised_key, **asked)
    assert code == "AccessDeniedException" and f"perform: {action} on" in message


def test_policies_can_say_whose_keys_somebody_may_report(akia: Any, bob: Any, refused: Any) -> None:
    other = akia.person("eve")
    mine = {"Action": "akia:ReportCompromisedKey", "Condition": {"StringEquals": {"akia:KeyOwner": "bob"}}}
    reporter = akia.person("reporter", mine, {"Action": ["iam:UpdateAccessKey", "iam:AttachUserPolicy"]}).client("akia")
    assert refused(reporter.report_compromised_key, AccessKeyId=other.key.access_key_id)[0] == "AccessDeniedException"
    reporter.report_compromised_key(AccessKeyId=bob.key.access_key_id)


def test_a_key_can_report_itself(akia: Any, bob: Any, refused: Any) -> None:
    bob.client("akia").report_compromised_key(AccessKeyId=bob.key.access_key_id)
    assert refused(bob.client("sts").get_caller_identity)[0] == DEAD


def test_a_refusal_undoes_everything(akia: Any, own: Any, bob: Any, monkeypatch: pytest.MonkeyPatch, refused: Any) -> None:
    """All in one transaction: if the report cannot be written, nothing has happened."""

    def broken(self: Any, report: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(CompromiseReports, "add", broken)
    assert refused(own.report_compromised_key, AccessKeyId=bob.key.access_key_id)[1] == 500
    bob.client("sts").get_caller_identity()
    assert akia.client("iam").list_attached_user_policies(UserName="bob")["AttachedPolicies"] == []
