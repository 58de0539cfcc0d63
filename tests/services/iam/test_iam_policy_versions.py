"""Versions of managed policies, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


@pytest.fixture
def policy(iam: Any) -> str:
    """The ARN of a policy with one version."""
    arn: str = iam.create_policy(PolicyName="Reader", PolicyDocument=document("s3:Get*"))["Policy"]["Arn"]
    return arn


def add(iam: Any, policy: str, action: str = "s3:List*", **more: Any) -> str:
    version: str = iam.create_policy_version(PolicyArn=policy, PolicyDocument=document(action), **more)["PolicyVersion"]["VersionId"]
    return version


def default(iam: Any, policy: str) -> str:
    version: str = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    return version


@pytest.mark.covers("I2.services.managed_policies")
def test_a_new_version_is_in_force_only_if_asked_for(iam: Any, policy: str) -> None:
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=document("s3:List*"))["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", False) and "Document" not in made
    assert default(iam, policy) == "v1"
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=document("s3:Put*"), SetAsDefault=True)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v3", True)
    assert default(iam, policy) == "v3"


@pytest.mark.covers("I2.wire.policy_documents")
def test_w6_6_documents_come_back_as_they_were_given(iam: Any) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/%2B + &<ü>*"}
    given = {"Version": "2012-10-17", "Id": "with space", "Statement": [statement]}
    arn = iam.create_policy(PolicyName="Odd", PolicyDocument=json.dumps(given, indent=3))["Policy"]["Arn"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == given


def test_versions_are_listed_newest_first_without_documents(iam: Any, policy: str) -> None:
    add(iam, policy)
    add(iam, policy, SetAsDefault=True)
    listed = iam.list_policy_versions(PolicyArn=policy)
    shown = [(version["VersionId"], version["IsDefaultVersion"]) for version in listed["Versions"]]
    assert shown == [("v3", True), ("v2", False), ("v1", False)] and listed["IsTruncated"] is False
    assert not any("Document" in version for version in listed["Versions"])
    pages = list(iam.get_paginator("list_policy_versions").paginate(PolicyArn=policy, PaginationConfig={"PageSize": 2}))
    assert [[version["VersionId"] for version in page["Versions"]] for page in pages] == [["v3", "v2"], ["v1"]]


def test_p5_4_5_the_sixth_version_is_refused_and_numbers_are_never_used_again(iam: Any, policy: str, refusal: Any) -> None:
    assert [add(iam, policy) for _ in range(4)] == ["v2", "v3", "v4", "v5"]
    message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
    full = refusal(iam.create_policy_version, PolicyArn=policy, PolicyDocument=document("s3:*"))
    assert full == ("LimitExceeded", message)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v5")
    assert add(iam, policy) == "v6"


def test_the_default_moves_back_and_forth_and_is_not_deleted(iam: Any, policy: str, refusal: Any) -> None:
    add(iam, policy, SetAsDefault=True)
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
    assert default(iam, policy) == "v1"
    refused = refusal(iam.delete_policy_version, PolicyArn=policy, VersionId="v1")
    assert refused == ("DeleteConflict", "Cannot delete the default version of a policy.")
    iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    assert [version["VersionId"] for version in iam.list_policy_versions(PolicyArn=policy)["Versions"]] == ["v1"]


@pytest.mark.parametrize("method", ["get_policy_version", "set_default_policy_version", "delete_policy_version"])
def test_a_version_that_is_not_there(iam: Any, policy: str, refusal: Any, method: str) -> None:
    absent = ("NoSuchEntity", f"Policy {policy} version v7 does not exist or is not attachable.")
    assert refusal(getattr(iam, method), PolicyArn=policy, VersionId="v7") == absent
    gone = refusal(getattr(iam, method), PolicyArn=policy + "x", VersionId="v1")
    assert gone == ("NoSuchEntity", f"Policy {policy}x was not found.")


def test_the_size_and_grammar_of_versions_are_checked(iam: Any, policy: str, refusal: Any) -> None:
    assert refusal(iam.create_policy_version, PolicyArn=policy, PolicyDocument="{}")[0] == "MalformedPolicyDocument"
    long = document("s3:" + "a" * 6_144)
    assert refusal(iam.create_policy_version, PolicyArn=policy, PolicyDocument=long) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    assert len(iam.list_policy_versions(PolicyArn=policy)["Versions"]) == 1


def test_policies_of_aws_can_be_read_by_everybody_who_may(iam: Any) -> None:
    version = iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["DefaultVersionId"]
    shown = iam.get_policy_version(PolicyArn=READ_ONLY, VersionId=version)["PolicyVersion"]
    assert shown["IsDefaultVersion"] is True and shown["Document"]["Version"] == "2012-10-17"


@pytest.mark.covers("I2.services.managed_policies")
def test_the_version_in_force_decides_on_the_very_next_call(iam: Any, policy: str, user_client: Any, refusal: Any) -> None:
    eve = user_client("eve")
    iam.attach_user_policy(UserName="eve", PolicyArn=policy)
    assert refusal(eve.list_users)[0] == "AccessDenied"
    add(iam, policy, "iam:ListUsers")
    assert refusal(eve.list_users)[0] == "AccessDenied"
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v2")
    assert eve.list_users()["Users"]
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
    assert refusal(eve.list_users)[0] == "AccessDenied"
