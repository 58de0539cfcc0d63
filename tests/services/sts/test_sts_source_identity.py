"""The source identity: set with permission, and never changed along a chain (P1.7-4, P4.3-17)."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.covers("I2.services.assume_role")

MAY_SET = {"Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
SETTING = ("sts:AssumeRole", "sts:SetSourceIdentity")
NOT_SET = "because no {} allows the sts:SetSourceIdentity action"


def test_p1_7_4_setting_it_needs_permission_on_both_sides(here: Any, trust: Any, denied: Any) -> None:
    able, unable = here.user("able", MAY_SET), here.user("unable", {"Action": "sts:AssumeRole"})
    open_role, closed_role = here.role("open", trust(here.account, actions=SETTING)), here.role("closed", trust(here.account))
    asked = {"RoleSessionName": "test", "SourceIdentity": "diego"}
    assert here.take(able, open_role, SourceIdentity="diego").answer["SourceIdentity"] == "diego"
    assert NOT_SET.format("identity-based policy") in denied(here.sts(unable).assume_role, RoleArn=open_role, **asked)
    assert NOT_SET.format("role trust policy") in denied(here.sts(able).assume_role, RoleArn=closed_role, **asked)


def test_p4_3_25_its_value_is_a_condition_key(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_SET)
    role = here.role("open", trust(here.account, actions=SETTING, StringEquals={"sts:SourceIdentity": "${aws:username}"}))
    assert here.take(bob, role, SourceIdentity="bob")
    for wrong in ({}, {"SourceIdentity": "alice"}):
        denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **wrong)


def test_p4_3_17_it_persists_along_a_chain_and_policies_see_it(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_SET)
    first = here.role("first", trust(here.account, actions=SETTING), may=(MAY_SET,))
    only_diego = {"Action": "iam:ListUsers", "Condition": {"StringEquals": {"aws:SourceIdentity": "diego"}}}
    second = here.role("second", trust(here.account, actions=SETTING), may=(only_diego,))
    chained = here.take(here.take(bob, first, SourceIdentity="diego"), second)
    assert chained.answer["SourceIdentity"] == "diego"
    assert chained.client("iam").list_users()["Users"]
    denied(here.take(here.take(bob, first), second).client("iam").list_users)


def test_p4_3_17_it_cannot_be_changed_along_a_chain(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_SET)
    first = here.role("first", trust(here.account, actions=SETTING), may=(MAY_SET,))
    session = here.take(bob, first, SourceIdentity="diego")
    second = here.role("second", trust(here.account, actions=SETTING))
    assert here.take(session, second, SourceIdentity="diego").answer["SourceIdentity"] == "diego"
    message = denied(session.client("sts").assume_role, RoleArn=second, RoleSessionName="test", SourceIdentity="alice")
    assert message == "The source identity of a session cannot be changed."


def test_p1_7_4_inheriting_it_needs_permission_too(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_SET)
    first = here.role("first", trust(here.account, actions=SETTING), may=(MAY_SET,))
    second = here.role("second", trust(here.account))
    session = here.take(bob, first, SourceIdentity="diego")
    assert NOT_SET.format("role trust policy") in denied(session.client("sts").assume_role, RoleArn=second, RoleSessionName="test")
    assert here.take(here.take(bob, first), second)
