"""The policy simulator (AC12): SimulatePrincipalPolicy, SimulateCustomPolicy, GetContextKeysFor…."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.denials import DENIALS, allow, deny, document
from tests.organization import World as Organization

ACTION = "s3:GetObject"
BUCKET = "arn:aws:s3:::papers/*"


def custom(akia: Any, *statements: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    """The result of one action under one policy."""
    request: dict[str, Any] = {"PolicyInputList": [document(*statements)], "ActionNames": [ACTION]} | parameters
    (result,) = akia.client("iam").simulate_custom_policy(**request)["EvaluationResults"]
    return dict(result)


# AC12.1


@pytest.mark.parametrize(
    ("statements", "decision", "places"),
    [
        ([allow(ACTION)], "allowed", [0]),
        ([allow("s3:PutObject")], "implicitDeny", []),
        ([allow(ACTION), deny("No", "s3:*")], "explicitDeny", [1]),
        ([allow("*"), allow("s3:*")], "allowed", [0, 1]),
    ],
)
def test_ac12_1_the_decision_and_the_statements_that_made_it(akia: Any, statements: Any, decision: str, places: list[int]) -> None:
    text = document(*statements)
    result = custom(akia, *statements)
    assert result["EvalDecision"] == decision
    told = [text[found["StartPosition"]["Column"] - 1 : found["EndPosition"]["Column"] - 1] for found in result["MatchedStatements"]]
    assert [json.loads(part) for part in told] == [statements[place] for place in places]
    assert {(found["SourcePolicyId"], found["SourcePolicyType"]) for found in result["MatchedStatements"]} <= {
        ("PolicyInputList.1", "none")
    }


def test_ac12_3_positions_count_lines(akia: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [allow(ACTION)]}, indent=2)
    (result,) = akia.client("iam").simulate_custom_policy(PolicyInputList=[text], ActionNames=[ACTION])["EvaluationResults"]
    (found,) = result["MatchedStatements"]
    assert (found["StartPosition"], found["EndPosition"]) == ({"Line": 4, "Column": 5}, {"Line": 8, "Column": 6})


def test_contested_simulation_columns_count_from_one(akia: Any) -> None:
    """AC12.3: AWS's documented sample has column 38 for the first statement of a list, which is character 37 counted from 0."""
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    (result,) = akia.client("iam").simulate_custom_policy(PolicyInputList=[text], ActionNames=[ACTION])["EvaluationResults"]
    assert result["MatchedStatements"][0]["StartPosition"] == {"Line": 1, "Column": 38}


def test_ac12_1_each_resource_has_a_result_of_its_own(akia: Any) -> None:
    open_, closed = "arn:aws:s3:::open/x", "arn:aws:s3:::closed/x"
    result = custom(akia, allow(ACTION), deny("No", ACTION) | {"Resource": closed}, ResourceArns=[open_, closed])
    assert result["EvalDecision"] == "explicitDeny"
    assert result["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    told = {
        one["EvalResourceName"]: (one["EvalResourceDecision"], len(one["MatchedStatements"])) for one in result["ResourceSpecificResults"]
    }
    assert told == {open_: ("allowed", 1), closed: ("explicitDeny", 1)}
    assert len(result["MatchedStatements"]) == 2


def test_ac12_2_without_resources_everything_is_meant(akia: Any) -> None:
    result = custom(akia, allow(ACTION))
    assert result["EvalResourceName"] == "*"
    assert "ResourceSpecificResults" not in result
    assert "EvalDecisionDetails" not in result
    assert custom(akia, allow(ACTION, BUCKET))["EvalDecision"] == "implicitDeny"


def test_a_boundary_is_told_apart(akia: Any) -> None:
    fence = document(allow("iam:*"))
    result = custom(akia, allow(ACTION), PermissionsBoundaryPolicyInputList=[fence])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert "PermissionsBoundaryDecisionDetail" not in custom(akia, allow(ACTION))


def test_the_principals_own_boundary_counts_until_another_is_given(akia: Any) -> None:
    denial = DENIALS["boundary_is_silent"](akia)
    arn = akia.client("sts", denial.key).get_caller_identity()["Arn"]
    iam = akia.client("iam")
    asked = {"PolicySourceArn": arn, "ActionNames": ["iam:ListUsers"]}
    (own,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    assert own["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    (wider,) = iam.simulate_principal_policy(**asked, PermissionsBoundaryPolicyInputList=[document(allow("*"))])["EvaluationResults"]
    assert (wider["EvalDecision"], wider["PermissionsBoundaryDecisionDetail"]) == ("allowed", {"AllowedByPermissionsBoundary": True})


def test_sources_say_where_a_policy_stands(akia: Any) -> None:
    iam = akia.client("iam")
    arn = akia.person("sue", {"Action": "s3:*"}).arn
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=document(allow("s3:*")))
    iam.add_user_to_group(GroupName="readers", UserName="sue")
    own = iam.create_policy(PolicyName="own", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    awss = "arn:aws:iam::aws:policy/AdministratorAccess"
    for policy in (own, awss):
        iam.attach_user_policy(UserName="sue", PolicyArn=policy)
    (result,) = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[ACTION])["EvaluationResults"]
    told = {(found["SourcePolicyId"], found["SourcePolicyType"]) for found in result["MatchedStatements"]}
    assert told == {("sue/test", "user"), ("readers/read", "group"), (own, "user-managed"), (awss, "aws-managed")}
    (of_group,) = iam.simulate_principal_policy(PolicySourceArn="arn:aws:iam::123456789012:group/readers", ActionNames=[ACTION])[
        "EvaluationResults"
    ]
    assert [found["SourcePolicyType"] for found in of_group["MatchedStatements"]] == ["group"]


def test_policies_can_be_tried_on_somebody(akia: Any) -> None:
    arn = akia.person("pat", {"Action": "s3:*"}).arn
    (result,) = akia.client("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=[ACTION], PolicyInputList=[document(deny("No", ACTION))]
    )["EvaluationResults"]
    assert (result["EvalDecision"], result["MatchedStatements"][0]["SourcePolicyId"]) == ("explicitDeny", "PolicyInputList.1")


# Resource policies


OWNER = "arn:aws:iam::123456789012:user/olga"


def shared_with(principal: Any, effect: str = "Allow") -> str:
    return document({"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": "*"})


def test_a_resource_policy_grants_to_the_caller_it_names(akia: Any) -> None:
    asked = {"ResourceArns": ["arn:aws:s3:::papers/x"], "CallerArn": OWNER}
    granted = custom(akia, allow("iam:*"), ResourcePolicy=shared_with({"AWS": OWNER}), **asked)
    assert granted["EvalDecision"] == "allowed"
    assert granted["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    assert [found["SourcePolicyId"] for found in granted["MatchedStatements"]] == ["ResourcePolicy"]
    other = custom(akia, allow("iam:*"), ResourcePolicy=shared_with({"AWS": OWNER + "2"}), **asked)
    assert other["EvalDecision"] == "implicitDeny"


def test_across_accounts_both_sides_must_allow(akia: Any) -> None:
    asked = {"ResourceArns": ["arn:aws:s3:::papers/x"], "CallerArn": OWNER, "ResourceOwner": "999999999999"}
    one_side = custom(akia, allow("iam:*"), ResourcePolicy=shared_with({"AWS": OWNER}), **asked)
    assert one_side["EvalDecision"] == "implicitDeny"
    both = custom(akia, allow("s3:*"), ResourcePolicy=shared_with({"AWS": OWNER}), **asked)
    assert both["EvalDecision"] == "allowed"
    assert both["ResourceSpecificResults"][0]["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "allowed"}


def test_a_custom_resource_policy_needs_a_caller(akia: Any, refused: Any) -> None:
    call = akia.client("iam").simulate_custom_policy
    code, _, message = refused(call, PolicyInputList=[document(allow("*"))], ActionNames=[ACTION], ResourcePolicy=shared_with("*"))
    assert (code, message) == ("InvalidInput", "CallerArn is required with ResourcePolicy.")


def test_a_role_that_does_not_exist_trusts_nobody(akia: Any) -> None:
    arn = akia.person("rob", {"Action": "*"}).arn
    (result,) = akia.client("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["sts:AssumeRole"], ResourceArns=["arn:aws:iam::123456789012:role/none"]
    )["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"


# AC12.2, AC12.4: context


def entry(name: str, type_: str, *values: str) -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyType": type_, "ContextKeyValues": list(values)}


@pytest.mark.parametrize(
    ("condition", "given_"),
    [
        ({"StringEquals": {"key:a": "x"}}, entry("KEY:A", "string", "x")),
        ({"NumericLessThan": {"key:a": "5"}}, entry("key:a", "numeric", "4.5")),
        ({"Bool": {"key:a": "true"}}, entry("key:a", "boolean", "TRUE")),
        ({"IpAddress": {"key:a": "192.0.2.0/24"}}, entry("key:a", "ip", "192.0.2.9")),
        ({"BinaryEquals": {"key:a": "YWJj"}}, entry("key:a", "binary", "YWJj")),
        ({"DateGreaterThan": {"key:a": "2026-01-01T00:00:00Z"}}, entry("key:a", "date", "2026-05-01T00:00:00Z")),
        ({"ForAllValues:StringEquals": {"key:a": ["x", "y"]}}, entry("key:a", "stringList", "x", "y")),
        ({"ForAnyValue:IpAddress": {"key:a": "192.0.2.0/24"}}, entry("key:a", "ipList", "198.51.100.1", "192.0.2.9")),
    ],
)
def test_ac12_2_context_entries_are_what_conditions_see(akia: Any, condition: Any, given_: dict[str, Any]) -> None:
    assert custom(akia, allow(ACTION, Condition=condition), ContextEntries=[given_])["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    "entries",
    [
        [entry("k:abc", "numeric", "1e3")],
        [entry("k:abc", "boolean", "yes")],
        [entry("k:abc", "ip", "not an address")],
        [entry("k:abc", "binary", "?")],
        [entry("k:abc", "date", "yesterday")],
        [entry("k:abc", "numericList", "1", "one")],
        [entry("k:abc", "string", "a", "b")],
        [entry("k:abc", "string")],
        [entry("k:abc", "string", "a"), entry("K:ABC", "string", "a")],
    ],
)
def test_ac12_2_a_context_entry_that_contradicts_its_type_is_refused(akia: Any, refused: Any, entries: list[Any]) -> None:
    call = akia.client("iam").simulate_custom_policy
    code, status, _ = refused(call, PolicyInputList=[document(allow("*"))], ActionNames=[ACTION], ContextEntries=entries)
    assert (code, status) == ("InvalidInput", 400)


def test_keys_that_nobody_has_given_are_missing(akia: Any) -> None:
    mine = allow(ACTION, "arn:aws:s3:::home/${aws:username}/*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    assert custom(akia, mine)["MissingContextValues"] == ["aws:username", "aws:SecureTransport"]
    given_ = [entry("aws:securetransport", "boolean", "true")]
    assert custom(akia, mine, ContextEntries=given_)["MissingContextValues"] == ["aws:username"]


def test_keys_that_follow_from_the_principal_are_not_missing(akia: Any) -> None:
    arn = akia.person("kim", {"Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"}).arn
    (result,) = akia.client("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=[ACTION], ResourceArns=["arn:aws:s3:::home/kim/x"]
    )["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])


def test_ac12_4_context_keys_of_policies(akia: Any) -> None:
    iam = akia.client("iam")
    own = {"Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    arn = akia.person("kay", own).arn
    more = document(allow(ACTION, Condition={"StringEquals": {"AWS:USERNAME": "x", "s3:prefix": "y"}}))
    assert iam.get_context_keys_for_principal_policy(PolicySourceArn=arn, PolicyInputList=[more])["ContextKeyNames"] == [
        "aws:username",
        "aws:SecureTransport",
        "s3:prefix",
    ]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[more, more])["ContextKeyNames"] == ["AWS:USERNAME", "s3:prefix"]


# Pages and refusals


def test_results_come_in_pages(akia: Any) -> None:
    names = [f"s3:Action{number}" for number in range(250)]
    pages = akia.client("iam").get_paginator("simulate_custom_policy").paginate(PolicyInputList=[document(allow("*"))], ActionNames=names)
    listed = [[result["EvalActionName"] for result in page["EvaluationResults"]] for page in pages]
    assert [len(page) for page in listed] == [100, 100, 50]
    assert [name for page in listed for name in page] == names


@pytest.mark.parametrize(
    ("excluded", "decision"),
    [
        ({"PolicyType": "inline"}, "allowed"),
        ({"PolicyType": "user-managed"}, "explicitDeny"),
        ({"PolicyType": "aws-managed"}, "explicitDeny"),
        ({"PolicyType": "permission-boundary"}, "explicitDeny"),
        ({"PolicyType": "rcp"}, "explicitDeny"),
        ({"InlinePolicyIdentifier": {"PolicyName": "deny", "AttachmentType": "group", "AttachmentName": "team"}}, "allowed"),
        ({"InlinePolicyIdentifier": {"PolicyName": "deny", "AttachmentType": "user", "AttachmentName": "team"}}, "explicitDeny"),
        ({"PolicyArn": "arn:aws:iam::123456789012:policy/re?d"}, "explicitDeny"),
    ],
)
def test_what_is_left_out_is_not_simulated(akia: Any, excluded: dict[str, Any], decision: str) -> None:
    """Of a Deny in the group's inline policy and an Allow in the user's managed one."""
    iam, bob = akia.client("iam"), akia.person("bob")
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="bob")
    iam.put_group_policy(GroupName="team", PolicyName="deny", PolicyDocument=document(deny("No", ACTION)))
    arn = iam.create_policy(PolicyName="read", PolicyDocument=document(allow(ACTION)))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    answer = iam.simulate_principal_policy(PolicySourceArn=bob.arn, ActionNames=[ACTION], PolicyExclusionList=[excluded])
    assert answer["EvaluationResults"][0]["EvalDecision"] == decision


def test_managed_policies_and_boundaries_are_left_out(akia: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob")
    for name in ("read", "road", "rest"):
        arn = iam.create_policy(PolicyName=name, PolicyDocument=document(allow(ACTION)))["Policy"]["Arn"]
        iam.attach_user_policy(UserName="bob", PolicyArn=arn)

    def simulated(*excluded: dict[str, Any]) -> Any:
        answer = iam.simulate_principal_policy(PolicySourceArn=bob.arn, ActionNames=[ACTION], PolicyExclusionList=excluded)
        return answer["EvaluationResults"][0]

    def left(pattern: str) -> list[str]:
        found = simulated({"PolicyArn": f"arn:aws:iam::{akia.account}:policy/{pattern}"})["MatchedStatements"]
        return sorted(each["SourcePolicyId"].rpartition("/")[2] for each in found)

    assert (left("r??d"), left("*"), left("re*")) == (["rest"], [], ["road"])
    only_iam = iam.create_policy(PolicyName="bound", PolicyDocument=document(allow("iam:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=only_iam)
    assert simulated()["EvalDecision"] == "implicitDeny"
    free = simulated({"PolicyType": "permission-boundary"})
    assert free["EvalDecision"] == "allowed" and "PermissionsBoundaryDecisionDetail" not in free


def test_service_control_policies_are_left_out_all_together(akia: Any) -> None:
    organization = Organization(akia)
    organization.enable()
    member = organization.account()
    organization.client.attach_policy(PolicyId=organization.policy(Action="s3:*"), TargetId=member.id)
    iam = member.client("iam")
    iam.create_user(UserName="bob")
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=document(allow(ACTION)))
    simulate = {"PolicySourceArn": f"arn:aws:iam::{member.id}:user/bob", "ActionNames": [ACTION]}
    assert iam.simulate_principal_policy(**simulate)["EvaluationResults"][0]["EvalDecision"] == "explicitDeny"
    (free,) = iam.simulate_principal_policy(**simulate, PolicyExclusionList=[{"PolicyType": "scp"}])["EvaluationResults"]
    assert free["EvalDecision"] == "allowed" and "OrganizationsDecisionDetail" not in free


@pytest.mark.parametrize(
    "arn",
    ["nothing-of-the-kind-at-all", "arn:aws:iam::*:policy/read", "arn:aws:iam::123456789012:user/bob", "arn:aws:iam::aws:policy/a*b*c"],
)
def test_what_names_no_policy_cannot_be_left_out(akia: Any, refused: Any, arn: str) -> None:
    bob, simulate = akia.person("bob"), akia.client("iam").simulate_principal_policy
    given_ = {"PolicySourceArn": bob.arn, "ActionNames": [ACTION], "PolicyExclusionList": [{"PolicyArn": arn}]}
    assert refused(simulate, **given_)[:2] == ("InvalidInput", 400)


def scps(*levels: list[dict[str, Any]]) -> dict[str, Any]:
    """One service control policy a level, from the root down."""
    given_ = [{"ServiceControlPolicyInputList": [document(*statements)] if statements else []} for statements in levels]
    return {"OrderedOrganizationPolicyInputList": given_}


@pytest.mark.parametrize(
    ("levels", "decision", "by_organization"),
    [
        (([allow("*")], [allow("s3:*")]), "allowed", True),
        (([allow("*")], [allow("iam:*")]), "implicitDeny", False),
        (([allow("*"), deny("No", ACTION)], [allow("*")]), "explicitDeny", False),
        (([allow("*")], []), "implicitDeny", False),
    ],
)
def test_every_level_of_the_organization_that_is_given_must_allow(akia: Any, levels: Any, decision: str, by_organization: bool) -> None:
    result = custom(akia, allow(ACTION), **scps(*levels))
    assert result["EvalDecision"] == decision
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": by_organization}
    assert "OrganizationsDecisionDetail" not in custom(akia, allow(ACTION))


def test_service_control_policies_that_cannot_be_saved_are_refused(akia: Any, refused: Any) -> None:
    broken = {"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": ["{}"]}]}
    simulate = akia.client("iam").simulate_custom_policy
    assert refused(simulate, PolicyInputList=[document(allow(ACTION))], ActionNames=[ACTION], **broken)[0] == "InvalidInput"


def test_no_page_takes_more_than_a_thousand_decisions(akia: Any) -> None:
    resources = [f"arn:aws:s3:::b/{number}" for number in range(400)]
    page = akia.client("iam").simulate_custom_policy(
        PolicyInputList=[document(allow("*"))], ActionNames=["s3:A", "s3:B", "s3:C"], ResourceArns=resources
    )
    assert [result["EvalActionName"] for result in page["EvaluationResults"]] == ["s3:A", "s3:B"]
    assert page["IsTruncated"]


POLICY = document(allow("*"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"ActionNames": ["GetObject"]},
        {"ActionNames": ["s3:Get*"]},
        {"ActionNames": ["s3:a:b"]},
        {"ResourceArns": ["not an arn"]},
        {"ResourceArns": [f"arn:aws:s3:::b/{number}" for number in range(1_001)]},
        {"PolicyInputList": ["{}"]},
        {"PermissionsBoundaryPolicyInputList": [POLICY, POLICY]},
        {"PermissionsBoundaryPolicyInputList": ["nonsense"]},
        {"CallerArn": "arn:aws:sts::123456789012:assumed-role/a/b"},
        {"CallerArn": "arn:aws:iam::123456789012:root"},
        {"CallerArn": "somebody"},
        {"ResourceOwner": "me"},
        {"ResourceHandlingOption": "EC2-Classic"},
        {"ResourceHandlingOption": "EC2-VPC-EBS", "ResourceArns": ["arn:aws:ec2:eu-west-1:123456789012:instance/i-1"]},
    ],
)
def test_what_cannot_be_simulated_is_refused(akia: Any, refused: Any, wrong: dict[str, Any]) -> None:
    call = akia.client("iam").simulate_custom_policy
    code, status, _ = refused(call, **({"PolicyInputList": [POLICY], "ActionNames": [ACTION]} | wrong))
    assert (code, status) == ("InvalidInput", 400)


def test_an_ec2_scenario_with_all_its_resources_is_simulated(akia: Any) -> None:
    types = ("instance", "image", "security-group", "network-interface", "volume")
    resources = [f"arn:aws:ec2:eu-west-1:123456789012:{type_}/x" for type_ in types]
    result = custom(akia, allow("*"), ActionNames=["ec2:RunInstances"], ResourceArns=resources, ResourceHandlingOption="EC2-VPC-EBS")
    assert result["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:iam::123456789012:user/nobody", "NoSuchEntity"),
        ("arn:aws:iam::999999999999:user/eva", "NoSuchEntity"),
        ("arn:aws:iam::123456789012:user/path/eva", "NoSuchEntity"),
        ("arn:aws:iam::123456789012:root", "InvalidInput"),
        ("arn:aws:sts::123456789012:assumed-role/a/b", "InvalidInput"),
        ("just-a-name-of-somebody", "InvalidInput"),
    ],
)
def test_only_who_exists_in_the_account_can_be_simulated(akia: Any, refused: Any, arn: str, code: str) -> None:
    akia.person("eva")
    iam = akia.client("iam")
    assert refused(iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=[ACTION])[0] == code
    assert refused(iam.get_context_keys_for_principal_policy, PolicySourceArn=arn)[0] == code


def test_what_the_password_policy_gives_to_all_users_is_simulated(akia: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob")
    simulate = {"PolicySourceArn": bob.arn, "ActionNames": ["iam:ChangePassword"]}
    assert iam.simulate_principal_policy(**simulate)["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    (result,) = iam.simulate_principal_policy(**simulate)["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"
    (matched,) = result["MatchedStatements"]
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("account/AllowUsersToChangePassword", "none")


def test_simulating_somebody_needs_permission_for_whom(akia: Any, refused: Any) -> None:
    bob, eva = akia.person("bob", {"Action": "iam:Simulate*", "Resource": "arn:aws:iam::*:user/bob"}), akia.person("eva")
    assert bob.client("iam").simulate_principal_policy(PolicySourceArn=bob.arn, ActionNames=[ACTION])["EvaluationResults"]
    assert refused(bob.client("iam").simulate_principal_policy, PolicySourceArn=eva.arn, ActionNames=[ACTION])[0] == "AccessDenied"
