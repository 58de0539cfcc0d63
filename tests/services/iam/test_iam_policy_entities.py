"""ListEntitiesForPolicy, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})


@pytest.fixture
def policy(iam: Any) -> str:
    """The ARN of a policy that is attached to a group, three users and a role, and bounds one of these users, another one and a role."""
    arn: str = iam.create_policy(PolicyName="Everywhere", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
    for name, path in (("alice", "/"), ("Bob", "/ops/"), ("carol", "/ops/")):
        iam.create_user(UserName=name, Path=path)
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    iam.put_user_permissions_boundary(UserName="carol", PermissionsBoundary=arn)
    iam.create_user(UserName="dave", PermissionsBoundary=arn)
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="worker", PolicyArn=arn)
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    return arn


def listed(iam: Any, policy: str, size: int = 100, **filters: Any) -> list[str]:
    paginate = iam.get_paginator("list_entities_for_policy").paginate
    names = []
    for page in paginate(PolicyArn=policy, PaginationConfig={"PageSize": size}, **filters):
        for kind, member in (("PolicyGroups", "GroupName"), ("PolicyRoles", "RoleName"), ("PolicyUsers", "UserName")):
            names += [entity[member] for entity in page[kind]]
    return names


@pytest.mark.covers("I2.services.managed_policies")
def test_everybody_who_uses_a_policy_is_listed_once(iam: Any, policy: str) -> None:
    assert listed(iam, policy) == ["staff", "bounded", "worker", "alice", "Bob", "carol", "dave"]


def test_ids_are_told_with_the_names(iam: Any, policy: str) -> None:
    shown = iam.list_entities_for_policy(PolicyArn=policy)
    assert shown["PolicyUsers"][0]["UserId"] == iam.get_user(UserName="alice")["User"]["UserId"]
    assert shown["PolicyRoles"][1]["RoleId"] == iam.get_role(RoleName="worker")["Role"]["RoleId"]
    assert shown["PolicyGroups"][0]["GroupId"].startswith("AGPA")


def test_filters(iam: Any, policy: str) -> None:
    filtered: list[tuple[dict[str, Any], list[str]]] = [
        ({"EntityFilter": "User"}, ["alice", "Bob", "carol", "dave"]),
        ({"EntityFilter": "Role"}, ["bounded", "worker"]),
        ({"EntityFilter": "Group"}, ["staff"]),
        ({"EntityFilter": "AWSManagedPolicy"}, []),
        ({"PathPrefix": "/ops/"}, ["Bob", "carol"]),
        ({"PolicyUsageFilter": "PermissionsPolicy"}, ["staff", "worker", "alice", "Bob", "carol"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["bounded", "carol", "dave"]),
        ({"PolicyUsageFilter": "PermissionsBoundary", "EntityFilter": "Role"}, ["bounded"]),
        ({"PolicyUsageFilter": "PermissionsBoundary", "EntityFilter": "Group"}, []),
    ]
    for filters, names in filtered:
        assert listed(iam, policy, **filters) == names, filters


def test_w6_8_pages_cross_from_groups_to_roles_to_users(iam: Any, policy: str) -> None:
    everybody = listed(iam, policy)
    for size in range(1, 8):
        assert listed(iam, policy, size) == everybody


def test_an_unused_policy_has_no_entities(iam: Any) -> None:
    shown = iam.list_entities_for_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert (shown["PolicyGroups"], shown["PolicyUsers"], shown["PolicyRoles"], shown["IsTruncated"]) == ([], [], [], False)


def test_what_is_not_there_and_markers_of_nothing(iam: Any, policy: str, refusal: Any) -> None:
    assert refusal(iam.list_entities_for_policy, PolicyArn=policy + "x") == ("NoSuchEntity", f"Policy {policy}x was not found.")
    assert refusal(iam.list_entities_for_policy, PolicyArn=policy, Marker="eA==") == ("ValidationError", "Invalid Marker.")
