"""Inline policies of users, groups and roles, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
KINDS = ("user", "group", "role")
LIMITS = {"user": 2_048, "group": 5_120, "role": 10_240}
kinds = pytest.mark.parametrize("kind", KINDS)


def document(size: int = 0, indent: int | None = None) -> str:
    """A policy; with `size` one of exactly so many characters, white space not counted."""
    statement = {"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    whole = {"Version": "2012-10-17", "Statement": [statement]}
    statement["Sid"] = "s" * (size - len(json.dumps(whole, separators=(",", ":"))))
    return json.dumps(whole, indent=indent)


class Holder:
    """A user, group or role called `x`, and the calls about its inline policies."""

    def __init__(self, iam: Any, kind: str) -> None:
        self.kind, self._iam = kind, iam
        self.name = {f"{kind.title()}Name": "x"}
        trust = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        getattr(iam, f"create_{kind}")(**self.name, **trust)

    def put(self, name: str, text: str = document()) -> None:
        getattr(self._iam, f"put_{self.kind}_policy")(**self.name, PolicyName=name, PolicyDocument=text)

    def get(self, name: str) -> dict[str, Any]:
        shown: dict[str, Any] = getattr(self._iam, f"get_{self.kind}_policy")(**self.name, PolicyName=name)
        return shown

    def delete(self, name: str) -> None:
        getattr(self._iam, f"delete_{self.kind}_policy")(**self.name, PolicyName=name)

    def names(self, size: int = 100) -> list[str]:
        paginator = self._iam.get_paginator(f"list_{self.kind}_policies")
        return [name for page in paginator.paginate(**self.name, PaginationConfig={"PageSize": size}) for name in page["PolicyNames"]]


@kinds
@pytest.mark.covers("I2.services.inline_policies")
def test_inline_policies_come_back_as_they_were_given(iam: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Condition": {"StringLike": {"aws:UserAgent": "50% + é"}}}
    holder.put("Odd.Name=1", json.dumps({"Statement": statement}, indent=2))
    shown = holder.get("Odd.Name=1")
    assert shown["PolicyDocument"] == {"Statement": statement}
    assert (shown["PolicyName"], shown[f"{kind.title()}Name"]) == ("Odd.Name=1", "x")


@kinds
def test_putting_again_replaces_and_names_keep_their_case(iam: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    holder.put("p")
    holder.put("P")
    holder.put("p", document(size=200))
    assert holder.names() == ["P", "p"]
    assert len(holder.get("p")["PolicyDocument"]["Statement"][0]["Sid"]) > 0
    assert holder.get("P")["PolicyDocument"]["Statement"][0]["Sid"] == ""


@kinds
def test_w6_8_pages_of_names(iam: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    for number in range(5):
        holder.put(f"p{number}")
    assert holder.names(size=2) == ["p0", "p1", "p2", "p3", "p4"]


@kinds
def test_p5_3_1_a_policy_that_is_not_there(iam: Any, refusal: Any, kind: str) -> None:
    holder = Holder(iam, kind)
    holder.put("p")
    absent = ("NoSuchEntity", f"The {kind} policy with name P cannot be found.")
    assert refusal(holder.get, name="P") == absent
    assert refusal(holder.delete, name="P") == absent
    holder.delete("p")
    assert holder.names() == []


@kinds
def test_p5_3_1_a_holder_that_is_not_there(iam: Any, refusal: Any, kind: str) -> None:
    name = {f"{kind.title()}Name": "nobody"}
    absent = ("NoSuchEntity", f"The {kind} with name nobody cannot be found.")
    assert refusal(getattr(iam, f"put_{kind}_policy"), **name, PolicyName="p", PolicyDocument=document()) == absent
    assert refusal(getattr(iam, f"get_{kind}_policy"), **name, PolicyName="p") == absent
    assert refusal(getattr(iam, f"delete_{kind}_policy"), **name, PolicyName="p") == absent
    assert refusal(getattr(iam, f"list_{kind}_policies"), **name) == absent


@kinds
@pytest.mark.covers("I2.services.inline_policies")
def test_p5_4_15_all_inline_policies_together_have_a_limit(iam: Any, refusal: Any, kind: str) -> None:
    holder, limit = Holder(iam, kind), LIMITS[kind]
    holder.put("a", document(size=limit - 300, indent=40))
    holder.put("b", document(size=300))
    full = ("LimitExceeded", f"Maximum policy size of {limit} bytes exceeded for {kind} x")
    assert refusal(holder.put, name="b", text=document(size=301)) == full
    assert refusal(holder.put, name="c", text=document(size=150)) == full
    holder.put("a", document(size=limit - 300))
    holder.delete("b")
    holder.put("c", document(size=150))
    assert holder.names() == ["a", "c"]


@kinds
@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"Version":"2012-10-17"}',
        '{"Version":"2012-10-17","Statement":[]}',
        '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
    ],
)
def test_p5_2_a_faulty_document_is_refused_and_the_old_one_stays(iam: Any, refusal: Any, kind: str, text: str) -> None:
    holder = Holder(iam, kind)
    holder.put("p")
    assert refusal(holder.put, name="p", text=text) == ("MalformedPolicyDocument", "Syntax errors in policy.")
    assert holder.get("p")["PolicyDocument"] == json.loads(document())


@kinds
def test_p5_2_3_a_document_does_not_begin_with_spaces(iam: Any, refusal: Any, kind: str) -> None:
    refused = refusal(Holder(iam, kind).put, name="p", text=" " + document())
    assert refused == ("MalformedPolicyDocument", "The policy failed legacy parsing")


@kinds
def test_p5_2_9_an_inline_policy_names_no_principal(iam: Any, refusal: Any, kind: str) -> None:
    refused = refusal(Holder(iam, kind).put, name="p", text=TRUST)
    assert refused == ("MalformedPolicyDocument", "Policy document should not specify a principal.")


def test_contested_old_version_refused_in_create_policy_only(iam: Any, refusal: Any) -> None:
    # P5.2-2
    old = document().replace("2012-10-17", "2008-10-17")
    Holder(iam, "user").put("p", old)
    assert refusal(iam.create_policy, PolicyName="p", PolicyDocument=old)[0] == "MalformedPolicyDocument"


def test_who_has_inline_policies_is_not_deleted(iam: Any, refusal: Any) -> None:
    for kind in KINDS:
        holder = Holder(iam, kind)
        holder.put("p")
        refused = refusal(getattr(iam, f"delete_{kind}"), **holder.name)
        assert refused == ("DeleteConflict", "Cannot delete entity, must delete policies first.")


def test_nt_42_who_may_change_one_user_changes_no_other(iam: Any, account: str, user_client: Any, refusal: Any) -> None:
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:*UserPolicy", "Resource": f"arn:aws:iam::{account}:user/x"})
    Holder(iam, "user")
    iam.create_user(UserName="y", Path="/x/")
    eve.put_user_policy(UserName="x", PolicyName="p", PolicyDocument=document())
    for other in ("y", "eve", "X", "nobody"):
        code, message = refusal(eve.put_user_policy, UserName=other, PolicyName="p", PolicyDocument=document())
        assert code == "AccessDenied" and "iam:PutUserPolicy on resource: " in message
    assert iam.list_user_policies(UserName="y")["PolicyNames"] == []


def test_conditions_see_the_tags_of_the_holder(iam: Any, user_client: Any, refusal: Any) -> None:
    condition = {"StringEquals": {"iam:ResourceTag/Team": "a"}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": condition})
    for name, team in (("mine", "a"), ("other", "b")):
        iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": team}])
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "TEAM", "Value": team}])
    for kind, member in (("user", "UserName"), ("role", "RoleName")):
        put, get = getattr(eve, f"put_{kind}_policy"), getattr(eve, f"get_{kind}_policy")
        put(**{member: "mine"}, PolicyName="p", PolicyDocument=document())
        assert get(**{member: "mine"}, PolicyName="p")["PolicyName"] == "p"
        assert refusal(put, **{member: "other"}, PolicyName="p", PolicyDocument=document())[0] == "AccessDenied"
        assert refusal(get, **{member: "other"}, PolicyName="p")[0] == "AccessDenied"


def test_p5_4_15_what_is_kept_counts_as_much_as_what_is_put(iam: Any, refusal: Any) -> None:
    """U+00A0 is no white space, neither in the policy that is put nor in those that are there."""
    iam.create_user(UserName="alice")
    padded = {"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "\xa0" * 1_500}}}
    text = json.dumps({"Version": "2012-10-17", "Statement": padded}, ensure_ascii=False)
    iam.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=text)
    assert refusal(iam.put_user_policy, UserName="alice", PolicyName="two", PolicyDocument=text)[0] == "LimitExceeded"
