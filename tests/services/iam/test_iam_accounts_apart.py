"""NT-42: what belongs to one account is neither seen, nor used, nor changed by another one, though both allow everything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.founding import add_root_key, found_account

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def trust(principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture
def theirs(akia: InProcess) -> Any:
    """IAM, signed by the root of another account of the same akia."""
    store, other = akia.akia.store, "444455556666"
    found_account(store, other, 0)
    return akia.client("iam", add_root_key(store, other, 0))


def test_nt_42_a_policy_of_another_account(iam: Any, theirs: Any, refusal: Any) -> None:
    arn = theirs.create_policy(PolicyName="Theirs", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    theirs.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    before = theirs.get_policy(PolicyArn=arn)["Policy"]
    iam.create_user(UserName="alice")
    calls: list[tuple[Any, dict[str, Any]]] = [
        (iam.get_policy, {}),
        (iam.delete_policy, {}),
        (iam.get_policy_version, {"VersionId": "v1"}),
        (iam.list_policy_versions, {}),
        (iam.create_policy_version, {"PolicyDocument": DOCUMENT}),
        (iam.set_default_policy_version, {"VersionId": "v2"}),
        (iam.delete_policy_version, {"VersionId": "v2"}),
        (iam.tag_policy, {"Tags": [{"Key": "k", "Value": "v"}]}),
        (iam.untag_policy, {"TagKeys": ["k"]}),
        (iam.list_policy_tags, {}),
        (iam.list_entities_for_policy, {}),
        (iam.attach_user_policy, {"UserName": "alice"}),
        (iam.detach_user_policy, {"UserName": "alice"}),
    ]
    for call, more in calls:
        assert refusal(call, PolicyArn=arn, **more)[0] == "NoSuchEntity"
    assert refusal(iam.put_user_permissions_boundary, UserName="alice", PermissionsBoundary=arn)[0] == "NoSuchEntity"
    assert theirs.get_policy(PolicyArn=arn)["Policy"] == before
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_nt_42_tags_of_another_accounts_policy_are_not_told_by_conditions(theirs: Any, user_client: Any, refusal: Any) -> None:
    arn = theirs.create_policy(PolicyName="Theirs", PolicyDocument=DOCUMENT, Tags=[{"Key": "k", "Value": "v"}])["Policy"]["Arn"]
    condition = {"StringEquals": {"iam:ResourceTag/k": "v"}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:GetPolicy", "Resource": "*", "Condition": condition})
    assert refusal(eve.get_policy, PolicyArn=arn)[0] == "AccessDenied"


def test_nt_42_a_role_of_another_account(iam: Any, theirs: Any, refusal: Any) -> None:
    theirs.create_role(RoleName="x", AssumeRolePolicyDocument=trust("*"))
    assert refusal(iam.get_role, RoleName="x")[0] == refusal(iam.delete_role, RoleName="x")[0] == "NoSuchEntity"
    mine = iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust("*"))["Role"]
    assert [role["RoleId"] for role in iam.list_roles()["Roles"]] == [mine["RoleId"]]
    iam.delete_role(RoleName="x")
    assert theirs.get_role(RoleName="x")["Role"]["RoleId"] != mine["RoleId"]


def test_attachments_to_policies_of_aws_are_counted_and_shown_by_account(iam: Any, theirs: Any) -> None:
    for client, name in ((iam, "mine"), (theirs, "yours")):
        client.create_user(UserName=name)
        client.attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
        client.put_user_permissions_boundary(UserName=name, PermissionsBoundary=READ_ONLY)
    for client, name in ((iam, "mine"), (theirs, "yours")):
        shown = client.get_policy(PolicyArn=READ_ONLY)["Policy"]
        assert (shown["AttachmentCount"], shown["PermissionsBoundaryUsageCount"]) == (1, 1)
        users = client.list_entities_for_policy(PolicyArn=READ_ONLY)["PolicyUsers"]
        assert [user["UserName"] for user in users] == [name]


def test_p1_7_5_a_trust_policy_may_name_a_user_of_another_account(iam: Any, theirs: Any) -> None:
    arn = theirs.create_user(UserName="bob", Path="/x/")["User"]["Arn"]
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(arn))
    theirs.delete_user(UserName="bob")
    theirs.create_user(UserName="bob", Path="/x/")
    [statement] = [iam.get_role(RoleName="x")["Role"]["AssumeRolePolicyDocument"]["Statement"]]
    assert statement["Principal"]["AWS"].startswith("AIDA")
