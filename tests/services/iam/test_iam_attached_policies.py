"""Attaching managed policies to users, groups and roles, through boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from akia.identity.managed_policy import AWS, ManagedPolicy

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
KINDS = ("user", "group", "role")
kinds = pytest.mark.parametrize("kind", KINDS)


class Holder:
    """A user, group or role called `x`, and the calls about it."""

    def __init__(self, iam: Any, kind: str) -> None:
        self.kind, self._iam = kind, iam
        self._name = {f"{kind.title()}Name": "x"}
        trust = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        getattr(iam, f"create_{kind}")(**self._name, **trust)

    def attach(self, arn: str) -> None:
        getattr(self._iam, f"attach_{self.kind}_policy")(**self._name, PolicyArn=arn)

    def detach(self, arn: str) -> None:
        getattr(self._iam, f"detach_{self.kind}_policy")(**self._name, PolicyArn=arn)

    def attached(self, size: int = 100, **filters: str) -> list[str]:
        paginator = self._iam.get_paginator(f"list_attached_{self.kind}_policies")
        pages = paginator.paginate(**self._name, **filters, PaginationConfig={"PageSize": size})
        return [policy["PolicyName"] for page in pages for policy in page["AttachedPolicies"]]


def create(iam: Any, name: str, path: str = "/") -> str:
    arn: str = iam.create_policy(PolicyName=name, Path=path, PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    return arn


@kinds
@pytest.mark.covers("I2.services.managed_policies")
def test_attached_policies_are_listed_until_they_are_detached(iam: Any, kind: str) -> None:
    holder, arn = Holder(iam, kind), create(iam, "Reader", "/ops/")
    holder.attach(arn)
    holder.attach(READ_ONLY)
    assert holder.attached() == ["Reader", "ReadOnlyAccess"]
    assert holder.attached(PathPrefix="/ops/") == ["Reader"]
    holder.detach(arn)
    assert holder.attached() == ["ReadOnlyAccess"]


@kinds
def test_attaching_twice_is_attaching_once(iam: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    holder.attach(READ_ONLY)
    holder.attach(READ_ONLY)
    assert holder.attached() == ["ReadOnlyAccess"]
    assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["AttachmentCount"] == 1


@kinds
def test_p5_4_3_the_eleventh_policy_is_refused(iam: Any, refusal: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    arns = [create(iam, f"P{number:02}") for number in range(11)]
    for arn in arns[:10]:
        holder.attach(arn)
    assert refusal(holder.attach, arn=arns[10]) == ("LimitExceeded", f"Cannot exceed quota for Policies{'Per' + kind.title()}: 10")
    holder.attach(arns[3])
    assert len(holder.attached()) == 10


@kinds
def test_w6_8_pages_of_attached_policies(iam: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    for number in range(5):
        holder.attach(create(iam, f"P{number}", f"/{'p' * 100 * number}/" if number else "/"))
    assert sorted(holder.attached(size=2)) == ["P0", "P1", "P2", "P3", "P4"]


@kinds
def test_p5_3_1_attaching_what_is_not_there(iam: Any, account: str, refusal: Any, kind: str) -> None:
    holder, absent = Holder(iam, kind), f"arn:aws:iam::{account}:policy/None"
    assert refusal(holder.attach, arn=absent) == ("NoSuchEntity", f"Policy {absent} does not exist or is not attachable.")
    assert refusal(holder.detach, arn=absent) == ("NoSuchEntity", f"Policy {absent} was not found.")
    assert refusal(holder.detach, arn=READ_ONLY) == ("NoSuchEntity", f"Policy {READ_ONLY} was not found.")
    role = f"arn:aws:iam::{account}:role/x"
    assert refusal(holder.detach, arn=role) == ("InvalidInput", f"ARN {role} is not valid.")
    assert refusal(holder.attach, arn="not an arn, but long") == ("ValidationError", "Invalid ARN:  Could not be parsed!")


@kinds
def test_p1_2_6_policies_of_service_linked_roles_are_not_attached(akia: InProcess, iam: Any, refusal: Any, kind: str) -> None:
    linked = ManagedPolicy(AWS, "ANPALINKED", "Linked", "/aws-service-role/", 0, 0, "v1", 1)
    akia.akia.store.managed_policies.add(linked, DOCUMENT)
    refused = refusal(Holder(iam, kind).attach, arn=str(linked.arn))
    assert refused == ("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")


@kinds
def test_p5_3_1_attaching_to_nobody(iam: Any, refusal: Any, kind: str) -> None:
    name = {f"{kind.title()}Name": "X"}
    Holder(iam, kind)
    for method in (f"attach_{kind}_policy", f"detach_{kind}_policy"):
        refused = refusal(getattr(iam, method), **name, PolicyArn=READ_ONLY)
        assert refused == ("NoSuchEntity", f"The {kind} with name X cannot be found.")
    assert refusal(getattr(iam, f"list_attached_{kind}_policies"), **name)[1] == f"The {kind} with name X cannot be found."


def test_who_has_attached_policies_is_not_deleted(iam: Any, refusal: Any) -> None:
    for kind in KINDS:
        Holder(iam, kind).attach(READ_ONLY)
        refused = refusal(getattr(iam, f"delete_{kind}"), **{f"{kind.title()}Name": "x"})
        assert refused == ("DeleteConflict", "Cannot delete entity, must detach all policies first.")


@pytest.mark.covers("I2.services.managed_policies")
def test_policies_of_a_user_and_of_its_groups_decide_on_the_very_next_call(iam: Any, user_client: Any, refusal: Any) -> None:
    eve = user_client("eve")
    Holder(iam, "group")
    iam.add_user_to_group(GroupName="x", UserName="eve")
    for attach, detach, name in (
        (iam.attach_user_policy, iam.detach_user_policy, {"UserName": "eve"}),
        (iam.attach_group_policy, iam.detach_group_policy, {"GroupName": "x"}),
    ):
        assert refusal(eve.list_roles)[0] == "AccessDenied"
        attach(**name, PolicyArn=READ_ONLY)
        assert eve.list_roles()["Roles"] == []
        detach(**name, PolicyArn=READ_ONLY)
    assert refusal(eve.list_roles)[0] == "AccessDenied"


def test_p4_3_25_a_delegate_may_be_held_to_certain_policies(iam: Any, user_client: Any, refusal: Any) -> None:
    allowed, other = create(iam, "Allowed"), create(iam, "Other")
    eve = user_client(
        "eve",
        {
            "Effect": "Allow",
            "Action": ["iam:Attach*", "iam:Detach*"],
            "Resource": "*",
            "Condition": {"ArnEquals": {"iam:PolicyARN": allowed}},
        },
    )
    for kind in KINDS:
        Holder(iam, kind)
        there = Holder.__new__(Holder)
        there.kind, there._iam, there._name = kind, eve, {f"{kind.title()}Name": "x"}
        there.attach(allowed)
        assert refusal(there.attach, arn=other)[0] == "AccessDenied"
        there.detach(allowed)
        assert refusal(there.detach, arn=other)[0] == "AccessDenied"


def test_p4_3_25_a_delegate_may_be_held_to_bounded_entities(iam: Any, user_client: Any, refusal: Any) -> None:
    boundary = create(iam, "Boundary")
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:*Policy", "Resource": "*", "Condition": condition})
    iam.create_user(UserName="free")
    iam.create_user(UserName="bounded", PermissionsBoundary=boundary)
    eve.attach_user_policy(UserName="bounded", PolicyArn=READ_ONLY)
    eve.put_user_policy(UserName="bounded", PolicyName="p", PolicyDocument=DOCUMENT)
    eve.delete_user_policy(UserName="bounded", PolicyName="p")
    assert refusal(eve.attach_user_policy, UserName="free", PolicyArn=READ_ONLY)[0] == "AccessDenied"
    assert refusal(eve.put_user_policy, UserName="free", PolicyName="p", PolicyDocument=DOCUMENT)[0] == "AccessDenied"
    assert refusal(eve.attach_user_policy, UserName="nobody", PolicyArn=READ_ONLY)[0] == "AccessDenied"


def test_p2_2_7_attaching_asks_for_the_user_with_its_path(iam: Any, account: str, user_client: Any, refusal: Any) -> None:
    iam.create_user(UserName="inside", Path="/ops/")
    iam.create_user(UserName="outside")
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": f"arn:aws:iam::{account}:user/ops/*"})
    eve.attach_user_policy(UserName="inside", PolicyArn=READ_ONLY)
    code, message = refusal(eve.attach_user_policy, UserName="outside", PolicyArn=READ_ONLY)
    assert code == "AccessDenied" and f"on resource: arn:aws:iam::{account}:user/outside" in message
