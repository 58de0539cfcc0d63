"""Control policies and what they are attached to. What they do is tested in tests/authority."""

from __future__ import annotations

import json
from typing import Any

import pytest

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL = {SCP: "p-FullAWSAccess", RCP: "p-RCPFullAWSAccess"}


def on(org: Any, target: str, kind: str = SCP) -> set[str]:
    return {policy["Id"] for policy in org.client.list_policies_for_target(TargetId=target, Filter=kind)["Policies"]}


def test_a_policy_is_made_changed_and_deleted(org: Any, akia: Any, document: Any, reason: Any) -> None:
    content = document(Action="s3:*")
    made = org.client.create_policy(Type=SCP, Name="P", Description="d", Content=content, Tags=[{"Key": "k", "Value": "v"}])["Policy"]
    summary = made["PolicySummary"]
    assert made["Content"] == content
    assert summary["Arn"] == f"arn:aws:organizations::{akia.account}:policy/{org.id}/service_control_policy/{summary['Id']}"
    assert (summary["Name"], summary["Description"], summary["Type"], summary["AwsManaged"]) == ("P", "d", SCP, False)
    assert org.client.describe_policy(PolicyId=summary["Id"])["Policy"] == made
    assert reason(org.client.create_policy, Type=SCP, Name="P", Description="", Content=content)[0] == "DuplicatePolicy"
    assert reason(org.client.create_policy, Type=SCP, Name="FullAWSAccess", Description="", Content=content)[0] == "DuplicatePolicy"
    other = org.policy("Q")
    assert reason(org.client.update_policy, PolicyId=other, Name="P")[0] == "DuplicatePolicy"
    changed = org.client.update_policy(PolicyId=summary["Id"], Name="R")["Policy"]
    assert (changed["PolicySummary"]["Name"], changed["PolicySummary"]["Description"], changed["Content"]) == ("R", "d", content)
    listed = org.client.list_policies(Filter=SCP)["Policies"]
    assert {policy["Id"] for policy in listed} == {summary["Id"], other, FULL[SCP]}
    assert [policy["Id"] for policy in org.client.list_policies(Filter=RCP)["Policies"]] == [FULL[RCP]]
    org.client.delete_policy(PolicyId=other)
    assert reason(org.client.describe_policy, PolicyId=other)[0] == reason(org.client.delete_policy, PolicyId=other)[0] == "PolicyNotFound"


def test_policies_come_in_pages(org: Any) -> None:
    made = {org.policy(str(number)) for number in range(3)}
    found: list[str] = []
    for page in org.client.get_paginator("list_policies").paginate(Filter=SCP, PaginationConfig={"PageSize": 1}):
        found += [policy["Id"] for policy in page["Policies"]]
    assert len(found) == 4 and set(found) == made | {FULL[SCP]}


@pytest.mark.parametrize("kind", [SCP, RCP])
def test_p1_6_1_full_access_stands_everywhere_from_the_moment_that_a_type_is_enabled(org: Any, akia: Any, reason: Any, kind: str) -> None:
    outer, dev = org.unit("outer"), org.account()
    assert reason(org.client.attach_policy, PolicyId=FULL[kind], TargetId=org.root)[0] == "PolicyTypeNotEnabled"
    org.enable(kind)
    assert reason(org.client.enable_policy_type, RootId=org.root, PolicyType=kind)[0] == "PolicyTypeAlreadyEnabled"
    for target in (org.root, outer, dev.id, akia.account, org.unit("inner", outer), org.account("late").id):
        assert on(org, target, kind) == {FULL[kind]}
    assert len(org.client.list_targets_for_policy(PolicyId=FULL[kind])["Targets"]) == 6
    root = org.client.disable_policy_type(RootId=org.root, PolicyType=kind)["Root"]
    assert root["PolicyTypes"] == []
    assert on(org, outer, kind) == on(org, org.root, kind) == set()
    assert reason(org.client.disable_policy_type, RootId=org.root, PolicyType=kind)[0] == "PolicyTypeNotEnabled"
    assert reason(org.client.enable_policy_type, RootId="r-zzzzz", PolicyType=kind)[0] == "RootNotFound"


def test_a_policy_is_attached_and_detached(org: Any, akia: Any, reason: Any) -> None:
    org.enable()
    unit, dev, policy = org.unit("u"), org.account(), org.policy(Action="s3:*")
    for target in (org.root, unit, dev.id):
        org.client.attach_policy(PolicyId=policy, TargetId=target)
    targets = org.client.list_targets_for_policy(PolicyId=policy)["Targets"]
    assert {(target["TargetId"], target["Type"], target["Name"]) for target in targets} == {
        (org.root, "ROOT", "Root"),
        (unit, "ORGANIZATIONAL_UNIT", "u"),
        (dev.id, "ACCOUNT", "dev"),
    }
    assert f"arn:aws:organizations::{akia.account}:ou/{org.id}/{unit}" in {target["Arn"] for target in targets}
    assert reason(org.client.attach_policy, PolicyId=policy, TargetId=unit)[0] == "DuplicatePolicyAttachment"
    assert reason(org.client.delete_policy, PolicyId=policy)[0] == "PolicyInUse"
    org.client.detach_policy(PolicyId=policy, TargetId=unit)
    assert reason(org.client.detach_policy, PolicyId=policy, TargetId=unit)[0] == "PolicyNotAttached"
    for call in (org.client.attach_policy, org.client.detach_policy):
        assert reason(call, PolicyId="p-00000000", TargetId=unit)[0] == "PolicyNotFound"
        assert reason(call, PolicyId=policy, TargetId="0" * 12)[0] == "TargetNotFound"
    assert reason(org.client.list_policies_for_target, TargetId="r-zzzzz", Filter=SCP)[0] == "TargetNotFound"


def test_p1_6_4_a_target_has_one_scp_at_least_and_five_at_most(org: Any, reason: Any) -> None:
    org.enable()
    least = ("ConstraintViolation", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert reason(org.client.detach_policy, PolicyId=FULL[SCP], TargetId=org.root) == least
    policies = [org.policy(str(number)) for number in range(5)]
    for policy in policies[:4]:
        org.client.attach_policy(PolicyId=policy, TargetId=org.root)
    most = ("ConstraintViolation", "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert reason(org.client.attach_policy, PolicyId=policies[4], TargetId=org.root) == most
    org.client.detach_policy(PolicyId=FULL[SCP], TargetId=org.root)
    assert on(org, org.root) == set(policies[:4])


def test_p1_3_2_full_access_of_rcps_cannot_be_detached(org: Any, reason: Any) -> None:
    org.enable(RCP)
    org.client.attach_policy(PolicyId=org.policy("r", RCP, Principal="*", Action="sts:*"), TargetId=org.root)
    assert reason(org.client.detach_policy, PolicyId=FULL[RCP], TargetId=org.root) == ("InvalidInput", "NON_DETACHABLE_POLICY")


def test_p1_2_6_policies_of_aws_are_not_changed(org: Any, reason: Any) -> None:
    for policy in FULL.values():
        assert reason(org.client.update_policy, PolicyId=policy, Name="x") == ("InvalidInput", "IMMUTABLE_POLICY")
        assert reason(org.client.delete_policy, PolicyId=policy) == ("InvalidInput", "IMMUTABLE_POLICY")
        assert org.client.describe_policy(PolicyId=policy)["Policy"]["PolicySummary"]["AwsManaged"] is True


MALFORMED: dict[str, tuple[str, Any]] = {
    "no JSON": (SCP, "{"),
    "P1.6-2 an SCP with a principal": (SCP, {"Principal": "*"}),
    "P1.6-3 an RCP that allows": (RCP, {"Principal": "*", "Effect": "Allow"}),
    "P1.6-3 an RCP for somebody": (RCP, {"Principal": {"AWS": "123456789012"}}),
    "P1.6-3 an RCP for nobody": (RCP, {}),
    "an SCP without an action": (SCP, {"Action": []}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_policy_is_refused(org: Any, document: Any, reason: Any, name: str) -> None:
    kind, statement = MALFORMED[name]
    content = statement if isinstance(statement, str) else document(**statement)
    create = org.client.create_policy
    assert reason(create, Type=kind, Name="x", Description="", Content=content) == ("MalformedPolicyDocument", None)


def test_p1_6_2_an_scp_takes_the_full_language(org: Any) -> None:
    conditions = {"Bool": {"aws:SecureTransport": "true"}}
    statement = {"Effect": "Allow", "NotAction": "iam:*Key*", "Resource": "arn:aws:s3:::b*", "Condition": conditions}
    content = json.dumps({"Version": "2012-10-17", "Statement": statement})
    assert org.client.create_policy(Type=SCP, Name="x", Description="", Content=content)["Policy"]["Content"] == content


def test_p1_6_4_white_space_counts_towards_5120_characters(org: Any, document: Any, reason: Any) -> None:
    content = document(Action="s3:*")
    org.client.create_policy(Type=SCP, Name="long", Description="", Content=content.ljust(5_120))
    too_long = ("ConstraintViolation", "POLICY_CONTENT_LIMIT_EXCEEDED")
    assert reason(org.client.create_policy, Type=SCP, Name="longer", Description="", Content=content.ljust(5_121)) == too_long


def test_a_type_that_governs_nothing_here_is_not_available(org: Any, reason: Any) -> None:
    content = json.dumps({"tags": {}})
    told = "PolicyTypeNotAvailableForOrganization"
    assert reason(org.client.create_policy, Type="TAG_POLICY", Name="t", Description="", Content=content)[0] == told
    assert reason(org.client.enable_policy_type, RootId=org.root, PolicyType="TAG_POLICY")[0] == told
    assert org.client.list_policies(Filter="TAG_POLICY")["Policies"] == []


def test_the_type_of_policy_is_a_condition_key(org: Any, akia: Any, document: Any, refused: Any) -> None:
    condition = {"StringEquals": {"organizations:PolicyType": SCP}}
    action = ["organizations:CreatePolicy", "organizations:DescribePolicy", "organizations:ListPolicies"]
    client = akia.person("scps", {"Action": action, "Condition": condition}).client("organizations")
    rcp = org.policy("r", RCP, Principal="*", Action="sts:*")
    client.create_policy(Type=SCP, Name="x", Description="", Content=document())
    client.list_policies(Filter=SCP)
    client.describe_policy(PolicyId=org.policy())
    for call, arguments in ((client.describe_policy, {"PolicyId": rcp}), (client.list_policies, {"Filter": RCP})):
        assert refused(call, **arguments)[0] == "AccessDeniedException"
