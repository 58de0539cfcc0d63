"""P1.2-6: roles of services are changed by nobody, not even by root. They are put into the store here, with whatever path and trust."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.ids import Prefix, new_id
from akia.identity.role import Role

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("delete_role", {}),
    ("update_role", {"Description": "d"}),
    ("update_role_description", {"Description": "d"}),
    ("update_assume_role_policy", {"PolicyDocument": TRUST}),
    ("attach_role_policy", {"PolicyArn": READ_ONLY}),
    ("detach_role_policy", {"PolicyArn": READ_ONLY}),
    ("put_role_policy", {"PolicyName": "p", "PolicyDocument": DOCUMENT}),
    ("delete_role_policy", {"PolicyName": "p"}),
    ("put_role_permissions_boundary", {"PermissionsBoundary": READ_ONLY}),
    ("delete_role_permissions_boundary", {}),
]
TAGGING: list[tuple[str, dict[str, Any]]] = [("tag_role", {"Tags": [{"Key": "k", "Value": "v"}]}), ("untag_role", {"TagKeys": ["k"]})]


@pytest.fixture
def protected(akia: InProcess) -> Any:
    """`protected(path)` puts a role called `x` at `path` into the store."""

    def add(path: str) -> Role:
        role = Role(akia.account, new_id(Prefix.ROLE, akia.account), "x", path, 0, TRUST)
        akia.akia.store.roles.add(role)
        return role

    return add


def refused_as_protected(refusal: Any, method: Any, parameters: dict[str, Any]) -> bool:
    sentence = "Cannot perform the operation on the protected role 'x' - this role is only modifiable by AWS"
    return bool(refusal(method, RoleName="x", **parameters) == ("UnmodifiableEntity", sentence))


def test_reserved_roles_do_not_change(iam: Any, protected: Any, refusal: Any) -> None:
    protected("/aws-reserved/sso.amazonaws.com/eu-west-1/")
    before = iam.get_role(RoleName="x")["Role"]
    for method, parameters in CHANGES + TAGGING:
        assert refused_as_protected(refusal, getattr(iam, method), parameters), method
    assert iam.get_role(RoleName="x")["Role"] == before


def test_service_linked_roles_do_not_change(iam: Any, protected: Any, refusal: Any) -> None:
    protected("/aws-service-role/x.amazonaws.com/")
    before = iam.get_role(RoleName="x")["Role"]
    for method, parameters in CHANGES:
        if "Description" in parameters:
            continue  # which AWS lets everybody change who may
        assert refused_as_protected(refusal, getattr(iam, method), parameters), method
    assert iam.get_role(RoleName="x")["Role"] == before


def test_service_linked_roles_may_be_tagged(iam: Any, protected: Any) -> None:
    protected("/aws-service-role/x.amazonaws.com/")
    iam.tag_role(RoleName="x", Tags=[{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}])
    iam.untag_role(RoleName="x", TagKeys=["l"])
    assert iam.list_role_tags(RoleName="x")["Tags"] == [{"Key": "k", "Value": "v"}]


def test_paths_that_only_look_alike_are_free(iam: Any) -> None:
    for path in ("/aws-reserved-not/", "/x/aws-reserved/", "/AWS-Reserved/"):
        iam.create_role(RoleName="x", Path=path, AssumeRolePolicyDocument=TRUST)
        iam.delete_role(RoleName="x")
