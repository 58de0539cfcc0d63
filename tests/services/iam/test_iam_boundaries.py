"""Permissions boundaries of users and roles, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
kinds = pytest.mark.parametrize("kind", ["user", "role"])


class Bounded:
    """A user or role called `x`, and the calls about its boundary."""

    def __init__(self, iam: Any, kind: str, **more: Any) -> None:
        self.kind, self._iam, self._name = kind, iam, {f"{kind.title()}Name": "x"}
        trust = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        getattr(iam, f"create_{kind}")(**self._name, **trust, **more)

    def put(self, arn: str) -> None:
        getattr(self._iam, f"put_{self.kind}_permissions_boundary")(**self._name, PermissionsBoundary=arn)

    def delete(self) -> None:
        getattr(self._iam, f"delete_{self.kind}_permissions_boundary")(**self._name)

    @property
    def boundary(self) -> str | None:
        shown = getattr(self._iam, f"get_{self.kind}")(**self._name)[self.kind.title()]
        found: str | None = shown.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return found


@kinds
def test_a_boundary_is_set_moved_and_taken_away(iam: Any, kind: str) -> None:
    bounded = Bounded(iam, kind)
    assert bounded.boundary is None
    bounded.put(READ_ONLY)
    assert bounded.boundary == READ_ONLY
    bounded.put(EVERYTHING)
    assert bounded.boundary == EVERYTHING
    bounded.delete()
    bounded.delete()
    assert bounded.boundary is None


@kinds
def test_a_boundary_given_on_creation(iam: Any, kind: str) -> None:
    assert Bounded(iam, kind, PermissionsBoundary=READ_ONLY).boundary == READ_ONLY


@kinds
def test_what_is_no_policy_is_no_boundary(iam: Any, account: str, refusal: Any, kind: str) -> None:
    bounded, absent = Bounded(iam, kind, PermissionsBoundary=READ_ONLY), f"arn:aws:iam::{account}:policy/None"
    assert refusal(bounded.put, arn=absent) == ("NoSuchEntity", f"Scope ARN: {absent} does not exist or is not attachable.")
    assert refusal(bounded.put, arn="this is no ARN at all")[0] == "ValidationError"
    assert bounded.boundary == READ_ONLY


@kinds
def test_a_boundary_of_nobody(iam: Any, refusal: Any, kind: str) -> None:
    name, absent = {f"{kind.title()}Name": "none"}, ("NoSuchEntity", f"The {kind} with name none cannot be found.")
    assert refusal(getattr(iam, f"put_{kind}_permissions_boundary"), **name, PermissionsBoundary=READ_ONLY) == absent
    assert refusal(getattr(iam, f"delete_{kind}_permissions_boundary"), **name) == absent


def test_nt_49_a_boundary_cannot_be_shed_by_who_is_held_to_it(iam: Any, account: str, user_client: Any, refusal: Any) -> None:
    """The delegate of AWS's documentation: it may make users and set their boundary, but only to the one it is given."""
    condition = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    allowed = {"Effect": "Allow", "Action": ["iam:CreateUser", "iam:PutUserPermissionsBoundary"], "Resource": "*", "Condition": condition}
    eve = user_client("eve", allowed)
    eve.create_user(UserName="x", PermissionsBoundary=READ_ONLY)
    eve.put_user_permissions_boundary(UserName="x", PermissionsBoundary=READ_ONLY)
    for name in ("x", "eve"):
        assert refusal(eve.put_user_permissions_boundary, UserName=name, PermissionsBoundary=EVERYTHING)[0] == "AccessDenied"
        assert refusal(eve.delete_user_permissions_boundary, UserName=name)[0] == "AccessDenied"
    assert refusal(eve.create_user, UserName="y")[0] == "AccessDenied"
    assert refusal(eve.create_user, UserName="y", PermissionsBoundary=EVERYTHING)[0] == "AccessDenied"


def test_taking_a_boundary_away_asks_about_the_one_that_is(iam: Any, user_client: Any, refusal: Any) -> None:
    iam.create_user(UserName="mine", PermissionsBoundary=READ_ONLY)
    iam.create_user(UserName="other", PermissionsBoundary=EVERYTHING)
    condition = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:Delete*", "Resource": "*", "Condition": condition})
    eve.delete_user_permissions_boundary(UserName="mine")
    assert refusal(eve.delete_user_permissions_boundary, UserName="other")[0] == "AccessDenied"
    assert refusal(eve.delete_user_permissions_boundary, UserName="mine")[0] == "AccessDenied"


def test_a_policy_of_a_service_linked_role_is_no_boundary(iam: Any, refusal: Any) -> None:
    arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    iam.create_user(UserName="alice")
    refused = ("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
    assert refusal(iam.put_user_permissions_boundary, UserName="alice", PermissionsBoundary=arn) == refused
    code, message = refusal(iam.create_user, UserName="bob", PermissionsBoundary=arn)
    assert (code, message) == ("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.")
