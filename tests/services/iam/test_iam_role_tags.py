"""TagRole, UntagRole, ListRoleTags, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})


def tags(*pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, _, value in (pair.partition("=") for pair in pairs)]


@pytest.fixture
def role(iam: Any) -> str:
    """The name of a role with the tag `Team`."""
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=TRUST, Tags=tags("Team=a"))
    return "x"


@pytest.mark.covers("I2.services.tags")
def test_tag_keys_of_roles_do_not_differ_by_case_and_the_last_case_stays(iam: Any, role: str) -> None:
    iam.tag_role(RoleName=role, Tags=tags("TEAM=b", "cost=1"))
    assert iam.list_role_tags(RoleName=role)["Tags"] == tags("TEAM=b", "cost=1")
    iam.untag_role(RoleName=role, TagKeys=["team", "absent"])
    assert iam.list_role_tags(RoleName=role)["Tags"] == tags("cost=1")
    assert iam.get_role(RoleName=role)["Role"]["Tags"] == tags("cost=1")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (tags("k=1", "K=2"), "InvalidInput"),
        (tags("aws:k=1"), "InvalidInput"),
        (tags("*=1"), "ValidationError"),
        (tags(*(f"k{number}=" for number in range(50))), "LimitExceeded"),
    ],
)
def test_what_is_wrong_is_refused_and_no_tag_changes(iam: Any, role: str, refusal: Any, given: list[dict[str, str]], code: str) -> None:
    assert refusal(iam.tag_role, RoleName=role, Tags=given)[0] == code
    assert iam.list_role_tags(RoleName=role)["Tags"] == tags("Team=a")


def test_w6_8_pages_of_tags_and_markers_of_other_roles(iam: Any, role: str, refusal: Any) -> None:
    iam.tag_role(RoleName=role, Tags=tags(*(f"{letter}=" for letter in "edcba")))
    pages = list(iam.get_paginator("list_role_tags").paginate(RoleName=role, PaginationConfig={"PageSize": 4}))
    assert ["".join(tag["Key"][0] for tag in page["Tags"]) for page in pages] == ["Tabc", "de"]
    iam.create_role(RoleName="y", AssumeRolePolicyDocument=TRUST)
    assert refusal(iam.list_role_tags, RoleName="y", Marker=pages[0]["Marker"]) == ("ValidationError", "Invalid Marker.")


def test_conditions_see_the_keys_that_change_and_the_tags_that_are(iam: Any, role: str, user_client: Any, refusal: Any) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": "cost"}, "StringEquals": {"aws:ResourceTag/team": "a"}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:*Role", "Resource": "*", "Condition": condition})
    eve.tag_role(RoleName=role, Tags=tags("cost=1"))
    assert refusal(eve.tag_role, RoleName=role, Tags=tags("Team=z"))[0] == "AccessDenied"
    assert refusal(eve.untag_role, RoleName=role, TagKeys=["cost", "Team"])[0] == "AccessDenied"
    eve.untag_role(RoleName=role, TagKeys=["cost"])
