"""TagUser, UntagUser and ListUserTags through an unmodified boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

DENIED = "AccessDenied"


def _tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@pytest.fixture
def tagged(iam: Any) -> Any:
    """The client, with a user `u` that has the tags Site=Ulm and Team=core."""
    iam.create_user(UserName="u", Tags=_tags(Team="core", Site="Ulm"))
    return iam


def _of_u(client: Any) -> list[dict[str, str]]:
    answer: dict[str, list[dict[str, str]]] = client.list_user_tags(UserName="u")
    return answer["Tags"]


def test_tags_are_listed_in_the_order_of_keys(tagged: Any) -> None:
    assert _of_u(tagged) == _tags(Site="Ulm", Team="core")
    assert tagged.list_user_tags(UserName="u")["IsTruncated"] is False


@pytest.mark.covers("I2.services.tags")
def test_a_tag_is_added_or_replaced_without_regard_to_case(tagged: Any) -> None:
    tagged.tag_user(UserName="u", Tags=_tags(team="web", Cost="12"))
    assert _of_u(tagged) == _tags(Cost="12", Site="Ulm", team="web")


def test_tags_are_removed_without_regard_to_case(tagged: Any) -> None:
    tagged.untag_user(UserName="u", TagKeys=["TEAM", "none"])
    assert _of_u(tagged) == _tags(Site="Ulm")
    tagged.untag_user(UserName="u", TagKeys=["Site"])
    assert _of_u(tagged) == []
    assert "Tags" not in tagged.get_user(UserName="u")["User"]


def test_w6_8_tags_come_in_pages_whatever_their_keys(iam: Any, refusal: Refusal) -> None:
    keys = [f"{number}" + "\U00020000" * 127 for number in range(5)]
    iam.create_user(UserName="u", Tags=[{"Key": key, "Value": "ä ø"} for key in keys])
    pages = list(iam.get_paginator("list_user_tags").paginate(UserName="u", PaginationConfig={"PageSize": 2}))
    assert [[tag["Key"] for tag in page["Tags"]] for page in pages] == [keys[:2], keys[2:4], keys[4:]]
    iam.create_user(UserName="v")
    assert refusal(iam.list_user_tags, UserName="v", Marker=pages[0]["Marker"]) == ("ValidationError", "Invalid Marker.")


def test_p5_4_12_fifty_tags_and_no_more(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="u", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    assert refusal(iam.tag_user, UserName="u", Tags=_tags(more="1"))[0] == "LimitExceeded"
    iam.tag_user(UserName="u", Tags=_tags(K7="new"))
    assert len(_of_u(iam)) == 50


BAD = [
    ({"Key": "aws:x", "Value": "1"}, "InvalidInput"),
    ({"Key": "k" * 129, "Value": "1"}, "ValidationError"),
    ({"Key": "k", "Value": "v" * 257}, "ValidationError"),
    ({"Key": "k!", "Value": "1"}, "ValidationError"),
    ({"Key": "k", "Value": "a;b"}, "ValidationError"),
]


def test_p5_4_19_bad_tags_are_refused_and_change_nothing(tagged: Any, refusal: Refusal) -> None:
    for tag, code in BAD:
        assert refusal(tagged.tag_user, UserName="u", Tags=[*_tags(Good="1"), tag])[0] == code, tag
    assert _of_u(tagged) == _tags(Site="Ulm", Team="core")


def test_a_key_given_twice_is_refused(tagged: Any, refusal: Refusal) -> None:
    code, message = refusal(tagged.tag_user, UserName="u", Tags=_tags(New="1", NEW="2"))
    assert (code, message) == ("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")


def test_tags_of_nobody(iam: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", "The user with name nobody cannot be found.")
    assert refusal(iam.tag_user, UserName="nobody", Tags=_tags(a="1")) == absent
    assert refusal(iam.untag_user, UserName="nobody", TagKeys=["a"]) == absent
    assert refusal(iam.list_user_tags, UserName="nobody") == absent


@pytest.mark.covers("I2.services.tags")
def test_policies_can_limit_keys_and_values(tagged: Any, user_client: UserClient, refusal: Refusal) -> None:
    kim = user_client(
        "kim",
        {
            "Effect": "Allow",
            "Action": ["iam:TagUser", "iam:UntagUser"],
            "Resource": "*",
            "Condition": {
                "ForAllValues:StringEquals": {"aws:TagKeys": ["Cost", "Site"]},
                "StringEqualsIfExists": {"aws:RequestTag/Cost": ["1", "2"]},
                "StringEquals": {"iam:ResourceTag/Team": "core"},
            },
        },
    )
    kim.tag_user(UserName="u", Tags=_tags(Cost="1", Site="Bonn"))
    kim.untag_user(UserName="u", TagKeys=["Site"])
    assert _of_u(tagged) == _tags(Cost="1", Team="core")
    assert refusal(kim.tag_user, UserName="u", Tags=_tags(Cost="3"))[0] == DENIED
    assert refusal(kim.tag_user, UserName="u", Tags=_tags(Cost="1", Team="x"))[0] == DENIED
    assert refusal(kim.untag_user, UserName="u", TagKeys=["Team"])[0] == DENIED
    assert refusal(kim.tag_user, UserName="kim", Tags=_tags(Cost="1"))[0] == DENIED
