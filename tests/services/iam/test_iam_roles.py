"""Roles: CreateRole, GetRole, ListRoles, UpdateRole, DeleteRole, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def create(iam: Any, name: str, **more: Any) -> dict[str, Any]:
    role: dict[str, Any] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)["Role"]
    return role


@pytest.mark.covers("I2.services.roles")
def test_a_new_role_is_told_in_full(iam: Any, account: str) -> None:
    tags = [{"Key": "Team", "Value": "a"}]
    made = create(iam, "Worker", Path="/ops/", Description="works", MaxSessionDuration=7_200, Tags=tags, PermissionsBoundary=READ_ONLY)
    assert made["Arn"] == f"arn:aws:iam::{account}:role/ops/Worker" and made["Path"] == "/ops/"
    assert made["RoleId"].startswith("AROA") and len(made["RoleId"]) == 21
    assert (made["Description"], made["Tags"]) == ("works", tags)
    assert made["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ_ONLY}
    assert made["AssumeRolePolicyDocument"] == TRUST
    assert iam.get_role(RoleName="Worker")["Role"] == {**made, "MaxSessionDuration": 7_200, "RoleLastUsed": {}}


def test_only_get_role_and_lists_tell_the_longest_session(iam: Any) -> None:
    assert "MaxSessionDuration" not in create(iam, "x", MaxSessionDuration=7_200)
    assert "MaxSessionDuration" not in iam.update_role_description(RoleName="x", Description="new")["Role"]
    (listed,) = iam.list_roles()["Roles"]
    assert iam.get_role(RoleName="x")["Role"]["MaxSessionDuration"] == listed["MaxSessionDuration"] == 7_200


def test_a_role_made_with_the_least_has_aws_defaults(iam: Any) -> None:
    create(iam, "plain")
    role = iam.get_role(RoleName="plain")["Role"]
    assert (role["Path"], role["MaxSessionDuration"]) == ("/", 3_600)
    assert {"Description", "PermissionsBoundary"}.isdisjoint(role)


def test_p5_4_21_names_are_unique_without_case_and_found_with_it(iam: Any, refusal: Any) -> None:
    create(iam, "Worker")
    taken = refusal(iam.create_role, RoleName="WORKER", Path="/x/", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert taken == ("EntityAlreadyExists", "Role with name WORKER already exists.")
    assert refusal(iam.get_role, RoleName="worker") == ("NoSuchEntity", "The role with name worker cannot be found.")


def test_p5_3_1_a_role_that_is_not_there(iam: Any, refusal: Any) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_role", {}),
        ("update_role", {"Description": "d"}),
        ("update_role_description", {"Description": "d"}),
        ("delete_role", {}),
        ("update_assume_role_policy", {"PolicyDocument": json.dumps(TRUST)}),
        ("tag_role", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("untag_role", {"TagKeys": ["k"]}),
        ("list_role_tags", {}),
        ("put_role_permissions_boundary", {"PermissionsBoundary": READ_ONLY}),
        ("delete_role_permissions_boundary", {}),
    ]
    for method, more in calls:
        assert refusal(getattr(iam, method), RoleName="none", **more) == ("NoSuchEntity", "The role with name none cannot be found."), (
            method
        )


def test_what_is_wrong_is_refused_and_no_role_is_made(iam: Any, refusal: Any) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"PermissionsBoundary": "arn:aws:iam::aws:policy/None"}, "NoSuchEntity"),
        ({"PermissionsBoundary": "this is no ARN at all"}, "ValidationError"),
        ({"Tags": [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]}, "InvalidInput"),
        ({"MaxSessionDuration": 43_201}, "ValidationError"),
        ({"Path": "/aws-service-role/x.amazonaws.com/"}, "InvalidInput"),
        ({"Path": "/aws-reserved/sso.amazonaws.com/"}, "InvalidInput"),
        ({"AssumeRolePolicyDocument": "{}"}, "MalformedPolicyDocument"),
        ({"Path": "no slashes"}, "ValidationError"),
        ({"RoleName": "n" * 65}, "ValidationError"),
        ({"RoleName": "büro"}, "ValidationError"),
    ]
    right = {"RoleName": "x", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    for more, code in wrong:
        assert refusal(iam.create_role, **{**right, **more})[0] == code, more
    assert iam.list_roles()["Roles"] == []


def test_lists_go_by_name_and_leave_out_what_only_get_role_tells(iam: Any) -> None:
    for name, path in (("b", "/ops/"), ("A", "/"), ("c", "/ops/x/")):
        create(iam, name, Path=path, Tags=[{"Key": "k", "Value": "v"}], PermissionsBoundary=READ_ONLY, Description="d")
    roles = iam.list_roles()["Roles"]
    assert [role["RoleName"] for role in roles] == ["A", "b", "c"]
    assert all(role["Description"] == "d" and role["AssumeRolePolicyDocument"] == TRUST for role in roles)
    assert all("PermissionsBoundary" not in role and not role.get("Tags") for role in roles)
    assert [role["RoleName"] for role in iam.list_roles(PathPrefix="/ops")["Roles"]] == ["b", "c"]


def test_w6_8_pages_of_roles(iam: Any) -> None:
    for number in range(5):
        create(iam, f"r{number}")
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}))
    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [["r0", "r1"], ["r2", "r3"], ["r4"]]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]


@pytest.mark.covers("I2.services.roles")
def test_updating_a_role(iam: Any) -> None:
    create(iam, "x", Description="old", MaxSessionDuration=7_200)
    iam.update_role(RoleName="x", MaxSessionDuration=10_000)
    role = iam.get_role(RoleName="x")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("old", 10_000)
    iam.update_role(RoleName="x", Description="new")
    role = iam.get_role(RoleName="x")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 3_600)
    assert iam.update_role_description(RoleName="x", Description="newer")["Role"]["Description"] == "newer"
    iam.update_role(RoleName="x", Description="")
    assert "Description" not in iam.get_role(RoleName="x")["Role"]


@pytest.mark.covers("I2.services.roles")
def test_p5_3_5_a_role_goes_after_its_policies(iam: Any, refusal: Any) -> None:
    create(iam, "x")
    iam.attach_role_policy(RoleName="x", PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName="x", PolicyName="p", PolicyDocument=DOCUMENT)
    attached = ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    assert refusal(iam.delete_role, RoleName="x") == attached
    iam.detach_role_policy(RoleName="x", PolicyArn=READ_ONLY)
    assert refusal(iam.delete_role, RoleName="x") == ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    iam.delete_role_policy(RoleName="x", PolicyName="p")
    iam.delete_role(RoleName="x")
    assert iam.list_roles()["Roles"] == []


def test_nt_36_a_new_role_of_an_old_name_is_another_role(iam: Any) -> None:
    old = create(iam, "x")["RoleId"]
    iam.delete_role(RoleName="x")
    assert create(iam, "x")["RoleId"] != old


def test_p2_1_6_tags_on_creation_need_a_permission_of_their_own(account: str, user_client: Any, refusal: Any) -> None:
    arn = f"arn:aws:iam::{account}:role/ops/x"
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": arn})
    given = {"RoleName": "x", "Path": "/ops/", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    code, message = refusal(eve.create_role, **given, Tags=[{"Key": "team", "Value": "a"}])
    assert code == "AccessDenied" and f"iam:TagRole on resource: {arn}" in message
    assert refusal(eve.create_role, **{**given, "Path": "/"})[0] == "AccessDenied"
    assert eve.create_role(**given)["Role"]["Arn"] == arn


def test_p4_3_25_a_delegate_may_be_made_to_set_a_boundary(user_client: Any, refusal: Any) -> None:
    condition = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY, "aws:RequestTag/Team": "a"}}
    eve = user_client("eve", {"Effect": "Allow", "Action": ["iam:CreateRole", "iam:TagRole"], "Resource": "*", "Condition": condition})
    given = {"AssumeRolePolicyDocument": json.dumps(TRUST), "Tags": [{"Key": "Team", "Value": "a"}]}
    other = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert refusal(eve.create_role, RoleName="x", **given)[0] == "AccessDenied"
    assert refusal(eve.create_role, RoleName="x", **given, PermissionsBoundary=other)[0] == "AccessDenied"


def test_contested_iam_lists_ask_the_collection_of_roles(account: str, user_client: Any, refusal: Any) -> None:
    # P2.2-6
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": f"arn:aws:iam::{account}:role/ops/*"})
    assert eve.list_roles(PathPrefix="/ops/")["Roles"] == []
    code, message = refusal(eve.list_roles)
    assert code == "AccessDenied" and f"on resource: arn:aws:iam::{account}:role/ because" in message


def test_p5_3_1_whether_a_role_exists_is_not_told_to_who_may_not_see_it(iam: Any, user_client: Any, refusal: Any) -> None:
    create(iam, "there")
    eve = user_client("eve")
    there, absent = (refusal(eve.get_role, RoleName=name) for name in ("there", "absent"))
    assert there[0] == absent[0] == "AccessDenied"
    assert there[1].replace("there", "absent") == absent[1]
