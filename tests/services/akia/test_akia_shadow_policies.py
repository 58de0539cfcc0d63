"""Shadow policies: recorded is what they would have changed, and nothing is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.covers("I3.drafts.shadow", "X1")

Statement = dict[str, Any]
NO_LISTS: Statement = {"Sid": "NoLists", "Effect": "Deny", "Action": "iam:List*"}


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the account's root."""
    return akia.client("akia")


def attempt(call: Callable[..., Any], **parameters: Any) -> Any:
    """The answer, or the refusal, without what differs from call to call."""
    try:
        answer = call(**parameters)
    except ClientError as error:
        return error.response["Error"]
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def report(own: Any, arn: str, name: str = "s") -> Mapping[str, Any]:
    answer: Mapping[str, Any] = own.get_shadow_report(TargetArn=arn, Name=name)
    return answer


def test_what_it_would_have_denied_is_recorded_and_was_answered_nevertheless(akia: Any, own: Any, policy: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    client = bob.client("iam")
    before = attempt(client.list_users)
    own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyDocument=policy(NO_LISTS))
    assert attempt(client.list_users) == before
    client.get_user()
    (finding,) = own.list_shadow_findings(TargetArn=bob.arn, Name="s")["Findings"]
    (event,) = akia.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": finding["EventId"]}]
    )["Events"]
    assert event["EventName"] == "ListUsers"
    assert {name: finding[name] for name in finding.keys() - {"EventId", "EventTime"}} == {
        "PrincipalArn": bob.arn,
        "Action": "iam:ListUsers",
        "Resource": f"arn:aws:iam::{akia.account}:user/",
        "Change": "NEWLY_DENIED",
        "EnforcedDecision": "allowed",
        "ShadowDecision": "explicitDeny",
        "DecidingStatements": [{"Policy": "shadow/s", "Sid": "NoLists", "Position": 1}],
    }


def test_what_it_would_have_allowed_is_recorded_and_was_refused_in_the_same_words(akia: Any, own: Any, policy: Any) -> None:
    bob = akia.person("bob")
    client = bob.client("iam")
    before = attempt(client.list_users)
    assert before["Code"] == "AccessDenied"
    own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyDocument=policy({"Action": "iam:List*"}))
    assert attempt(client.list_users) == before
    (finding,) = own.list_shadow_findings(TargetArn=bob.arn, Name="s", Change="NEWLY_ALLOWED")["Findings"]
    assert (finding["EnforcedDecision"], finding["ShadowDecision"]) == ("implicitDeny", "allowed")
    assert own.list_shadow_findings(TargetArn=bob.arn, Name="s", Change="NEWLY_DENIED")["Findings"] == []


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_no_answer_depends_on_a_shadow_policy(akia: Any, own: Any, policy: Any, effect: str) -> None:
    bob = akia.person("bob", {"Action": ["iam:Get*", "iam:CreateUser", "sts:*"]})
    calls = [("iam", "get_user"), ("iam", "list_users"), ("sts", "get_caller_identity"), ("cloudtrail", "lookup_events")]

    def answers() -> list[Any]:
        return [attempt(getattr(bob.client(service), call)) for service, call in calls]

    before = answers()
    own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyDocument=policy({"Effect": effect, "Action": "*"}))
    assert answers() == before
    bob.client("iam").create_user(UserName="made")
    assert akia.client("iam").get_user(UserName="made")["User"]["UserName"] == "made"


def test_a_group_s_shadow_policy_is_tried_on_its_members_as_long_as_they_are(akia: Any, own: Any, policy: Any) -> None:
    bob, iam = akia.person("bob", {"Action": "iam:*"}), akia.client("iam")
    arn = iam.create_group(GroupName="ops")["Group"]["Arn"]
    own.attach_shadow_policy(TargetArn=arn, Name="s", PolicyDocument=policy(NO_LISTS))
    bob.client("iam").list_users()
    assert report(own, arn)["NewlyDeniedCount"] == 0
    iam.add_user_to_group(GroupName="ops", UserName="bob")
    bob.client("iam").list_users()
    assert report(own, arn)["NewlyDeniedCount"] == 1
    iam.remove_user_from_group(GroupName="ops", UserName="bob")
    bob.client("iam").list_users()
    assert report(own, arn)["NewlyDeniedCount"] == 1


def test_a_role_s_shadow_policy_is_tried_on_its_sessions(akia: Any, own: Any, policy: Any) -> None:
    iam = akia.client("iam")
    trust = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}]}
    )
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy({"Action": "iam:*"}))
    own.attach_shadow_policy(TargetArn=arn, Name="s", PolicyDocument=policy(NO_LISTS))
    bob = akia.person("bob", {"Action": "sts:AssumeRole"})
    credentials = bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="xy")["Credentials"]
    pair = type(bob.key)(credentials["AccessKeyId"], credentials["SecretAccessKey"])
    akia.client("iam", pair, token=credentials["SessionToken"]).list_users()
    (summary,) = report(own, arn)["Summaries"]
    assert summary["PrincipalArn"] == f"arn:aws:sts::{akia.account}:assumed-role/r/xy"


def test_a_managed_policy_is_tried_in_its_default_version(akia: Any, own: Any, policy: Any) -> None:
    bob, iam = akia.person("bob", {"Action": "iam:*"}), akia.client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=policy({"Action": "s3:*"}))["Policy"]["Arn"]
    shadow = own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyArn=arn)["ShadowPolicy"]
    assert (shadow["PolicyArn"], "PolicyDocument" in shadow) == (arn, False)
    bob.client("iam").list_users()
    assert report(own, bob.arn)["NewlyDeniedCount"] == 0
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(NO_LISTS), SetAsDefault=True)
    bob.client("iam").list_users()
    assert report(own, bob.arn)["NewlyDeniedCount"] == 1
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    bob.client("iam").list_users()
    assert report(own, bob.arn)["NewlyDeniedCount"] == 1


@pytest.mark.parametrize("managed", [True, False])
def test_in_place_of_a_policy_it_shows_what_a_tighter_one_would_refuse(akia: Any, own: Any, policy: Any, managed: bool) -> None:
    bob, iam, wide = akia.person("bob"), akia.client("iam"), policy({"Action": "iam:*"})
    replaced = "wide"
    if managed:
        replaced = iam.create_policy(PolicyName="wide", PolicyDocument=wide)["Policy"]["Arn"]
        iam.attach_user_policy(UserName="bob", PolicyArn=replaced)
    else:
        iam.put_user_policy(UserName="bob", PolicyName="wide", PolicyDocument=wide)
    shadow = {"TargetArn": bob.arn, "Name": "s", "Replaces": replaced}
    told = own.attach_shadow_policy(**shadow, PolicyDocument=policy({"Action": "iam:Get*"}))["ShadowPolicy"]
    assert told["Replaces"] == replaced
    bob.client("iam").get_user()
    bob.client("iam").list_users()
    (finding,) = own.list_shadow_findings(TargetArn=bob.arn, Name="s")["Findings"]
    assert (finding["Action"], finding["ShadowDecision"], finding["DecidingStatements"]) == ("iam:ListUsers", "implicitDeny", [])


def test_a_boundary_is_replaced_where_it_stands(akia: Any, own: Any, policy: Any) -> None:
    bob, iam = akia.person("bob", {"Action": "iam:*"}), akia.client("iam")
    boundary = iam.create_policy(PolicyName="b", PolicyDocument=policy({"Action": "*"}))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyDocument=policy({"Action": "s3:*"}), Replaces=boundary)
    bob.client("iam").list_users()
    assert report(own, bob.arn)["NewlyDeniedCount"] == 1


def test_each_shadow_policy_is_tried_alone(akia: Any, own: Any, policy: Any) -> None:
    bob = akia.person("bob")
    own.attach_shadow_policy(TargetArn=bob.arn, Name="gives", PolicyDocument=policy({"Action": "iam:ListUsers"}))
    own.attach_shadow_policy(TargetArn=bob.arn, Name="takes", PolicyDocument=policy(NO_LISTS))
    attempt(bob.client("iam").list_users)
    assert report(own, bob.arn, "gives")["NewlyAllowedCount"] == 1
    assert report(own, bob.arn, "takes")["NewlyDeniedCount"] == 0


def test_secondary_authorizations_are_tried_too(akia: Any, own: Any, policy: Any) -> None:
    bob, iam = akia.person("bob", {"Action": "sts:*"}), akia.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))["Role"]["Arn"]
    own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyDocument=policy({"Effect": "Deny", "Action": "sts:TagSession"}))
    bob.client("sts").assume_role(RoleArn=arn, RoleSessionName="xy", Tags=[{"Key": "a", "Value": "b"}])
    (finding,) = own.list_shadow_findings(TargetArn=bob.arn, Name="s")["Findings"]
    assert (finding["Action"], finding["Resource"]) == ("sts:TagSession", arn)


def test_the_report_counts_and_sums_up(akia: Any, own: Any, policy: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    own.attach_shadow_policy(TargetArn=bob.arn, Name="s", PolicyDocument=policy(NO_LISTS, {"Action": "cloudtrail:*"}))
    for _ in range(3):
        bob.client("iam").list_users()
    bob.client("iam").list_roles()
    attempt(bob.client("cloudtrail").lookup_events)
    told = report(own, bob.arn)
    assert (told["NewlyDeniedCount"], told["NewlyAllowedCount"], told["IsTruncated"]) == (4, 1, False)
    assert told["ShadowPolicy"]["PolicyDocument"] == policy(NO_LISTS, {"Action": "cloudtrail:*"})
    assert [(each["Action"], each["Change"], each["Count"]) for each in told["Summaries"]] == [
        ("iam:ListUsers", "NEWLY_DENIED", 3),
        ("cloudtrail:LookupEvents", "NEWLY_ALLOWED", 1),
        ("iam:ListRoles", "NEWLY_DENIED", 1),
    ]
    assert own.get_shadow_report(TargetArn=bob.arn, Name="s", MaxResults=1)["IsTruncated"] is True


def test_findings_come_in_pages_whose_tokens_are_bound_to_their_question(akia: Any, own: Any, policy: Any, refused: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    question = {"TargetArn": bob.arn, "Name": "s"}
    own.attach_shadow_policy(**question, PolicyDocument=policy(NO_LISTS))
    for _ in range(5):
        bob.client("iam").list_users()
    pages = [page["Findings"] for page in own.get_paginator("list_shadow_findings").paginate(**question, PaginationConfig={"PageSize": 2})]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({finding["EventId"] for page in pages for finding in page}) == 5
    token = own.list_shadow_findings(**question, MaxResults=2)["NextToken"]
    for other in (token + "=", token[:-8], "x", token.swapcase()):
        assert refused(own.list_shadow_findings, **question, NextToken=other)[:2] == ("ValidationException", 400)
    assert refused(own.list_shadow_findings, **question, Change="NEWLY_DENIED", NextToken=token)[0] == "ValidationException"
    assert refused(own.list_replays, NextToken=token)[0] == "ValidationException"


def test_detached_it_is_gone_with_its_findings_and_attached_again_it_is_another(akia: Any, own: Any, policy: Any, refused: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    question = {"TargetArn": bob.arn, "Name": "s"}
    own.attach_shadow_policy(**question, PolicyDocument=policy(NO_LISTS))
    bob.client("iam").list_users()
    own.detach_shadow_policy(**question)
    bob.client("iam").list_users()
    assert own.list_shadow_policies()["ShadowPolicies"] == []
    for call in (own.get_shadow_report, own.list_shadow_findings, own.detach_shadow_policy):
        assert refused(call, **question)[:2] == ("ResourceNotFoundException", 400)
    own.attach_shadow_policy(**question, PolicyDocument=policy(NO_LISTS))
    assert report(own, bob.arn)["NewlyDeniedCount"] == 0


def test_shadow_policies_are_listed_for_the_account_and_for_a_target(akia: Any, own: Any, policy: Any) -> None:
    bob, eve = akia.person("bob"), akia.person("eve")
    for arn, name in ((bob.arn, "b"), (bob.arn, "a"), (eve.arn, "c")):
        own.attach_shadow_policy(TargetArn=arn, Name=name, PolicyDocument=policy({"Action": "*"}))
    pages = own.get_paginator("list_shadow_policies").paginate(PaginationConfig={"PageSize": 2})
    assert [(each["TargetArn"], each["Name"]) for page in pages for each in page["ShadowPolicies"]] == [
        (bob.arn, "b"), (bob.arn, "a"), (eve.arn, "c"),
    ]  # fmt: skip
    assert [each["Name"] for each in own.list_shadow_policies(TargetArn=bob.arn)["ShadowPolicies"]] == ["a", "b"]
    assert all("PolicyDocument" not in each for each in own.list_shadow_policies()["ShadowPolicies"])


def test_a_deleted_user_s_namesake_inherits_no_shadow_policy(akia: Any, own: Any, policy: Any) -> None:
    iam = akia.client("iam")
    arn = iam.create_user(UserName="bob")["User"]["Arn"]
    own.attach_shadow_policy(TargetArn=arn, Name="s", PolicyDocument=policy({"Action": "*"}))
    iam.delete_user(UserName="bob")
    assert own.list_shadow_policies()["ShadowPolicies"] == []
    iam.create_user(UserName="bob")
    assert own.list_shadow_policies(TargetArn=arn)["ShadowPolicies"] == []


@pytest.mark.parametrize(
    ("parameters", "code", "part"),
    [
        ({"TargetArn": "arn:aws:iam::123456789012:user/nobody"}, "ResourceNotFoundException", "user/nobody"),
        ({"TargetArn": "arn:aws:iam::999999999999:user/bob"}, "ResourceNotFoundException", "999999999999"),
        ({"TargetArn": "arn:aws:iam::123456789012:policy/bob"}, "ResourceNotFoundException", "policy/bob"),
        ({"TargetArn": "arn:aws:iam::123456789012:user/path/bob"}, "ResourceNotFoundException", "path"),
        ({"PolicyDocument": None}, "ValidationException", "either"),
        ({"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "ValidationException", "either"),
        ({"PolicyDocument": None, "PolicyArn": "arn:aws:iam::aws:policy/None"}, "ResourceNotFoundException", "policy/None"),
        ({"PolicyDocument": None, "PolicyArn": "an inline policy of bob"}, "ResourceNotFoundException", "inline"),
        ({"PolicyDocument": "{"}, "MalformedPolicyDocument", ""),
        ({"PolicyDocument": "x" * 10_241}, "ServiceQuotaExceededException", "10240"),
        ({"Replaces": "none"}, "ResourceNotFoundException", "none"),
        ({"Replaces": "arn:aws:iam::123456789012:policy/none"}, "ResourceNotFoundException", "policy/none"),
        ({"Name": "a b"}, "ValidationException", "'name'"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    akia: Any, own: Any, policy: Any, refused: Any, parameters: dict[str, Any], code: str, part: str
) -> None:
    bob = akia.person("bob")
    whole = {"TargetArn": bob.arn, "Name": "s", "PolicyDocument": policy({"Action": "*"})} | parameters
    given = {name: value for name, value in whole.items() if value is not None}
    found, status, message = refused(own.attach_shadow_policy, **given)
    assert (found, status) == (code, 400)
    assert part in message


def test_names_are_unique_and_targets_have_room_for_five(akia: Any, own: Any, policy: Any, refused: Any) -> None:
    bob = akia.person("bob")
    tried = {"TargetArn": bob.arn, "PolicyDocument": policy({"Action": "*"})}
    own.attach_shadow_policy(**tried, Name="s0")
    assert refused(own.attach_shadow_policy, **tried, Name="s0")[:2] == ("ConflictException", 400)
    for number in range(1, 5):
        own.attach_shadow_policy(**tried, Name=f"s{number}")
    assert refused(own.attach_shadow_policy, **tried, Name="s5")[:2] == ("ServiceQuotaExceededException", 400)


def test_root_has_none_and_nobody_without_one_pays_for_it(akia: Any) -> None:
    authority = akia.akia.authority
    bob = akia.person("bob", {"Action": "iam:*"})
    assert authority.key(bob.key.access_key_id).standing.shadows == ()
    assert authority.key(akia.root.access_key_id).standing.shadows == ()
