"""The account's alias through an unmodified boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]


def test_an_account_has_no_alias_until_one_is_given(iam: Any) -> None:
    answer = iam.list_account_aliases()
    assert (answer["AccountAliases"], answer["IsTruncated"]) == ([], False)
    iam.create_account_alias(AccountAlias="my-company")
    assert iam.list_account_aliases()["AccountAliases"] == ["my-company"]


@pytest.mark.covers("I2.services.account")
def test_a_new_alias_takes_the_place_of_the_old_one(iam: Any, refusal: Refusal) -> None:
    iam.create_account_alias(AccountAlias="first")
    iam.create_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == ["second"]
    assert refusal(iam.create_account_alias, AccountAlias="second") == ("EntityAlreadyExists", "The account alias second already exists.")


def test_an_alias_of_another_account_is_taken(iam: Any, stranger: Any, refusal: Refusal) -> None:
    taken = ("EntityAlreadyExists", "The account alias their-alias already exists.")
    assert refusal(iam.create_account_alias, AccountAlias="their-alias") == taken
    assert refusal(iam.delete_account_alias, AccountAlias="their-alias")[0] == "NoSuchEntity"


def test_only_the_alias_that_is_there_is_deleted(iam: Any, refusal: Refusal) -> None:
    assert refusal(iam.delete_account_alias, AccountAlias="first")[0] == "NoSuchEntity"
    iam.create_account_alias(AccountAlias="first")
    assert refusal(iam.delete_account_alias, AccountAlias="other")[0] == "NoSuchEntity"
    iam.delete_account_alias(AccountAlias="first")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_p5_4_19_what_is_no_alias(iam: Any, refusal: Refusal) -> None:
    for alias in ("a" * 64, "Upper", "-a-b", "a-b-", "a--b", "a_b", "123456789012", "abc\n"):
        assert refusal(iam.create_account_alias, AccountAlias=alias)[0] == "ValidationError", alias
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_p5_4_19_what_is_an_alias(iam: Any) -> None:
    for alias in ("abc", "a-1", "a" * 63, "12345678901"):
        iam.create_account_alias(AccountAlias=alias)
        assert iam.list_account_aliases()["AccountAliases"] == [alias]


def test_p2_2_5_the_accounts_operations_ask_for_everything(user_client: UserClient, refusal: Refusal) -> None:
    actions = ["iam:*AccountAlias*", "iam:GetAccountSummary"]
    kim = user_client("kim", {"Effect": "Allow", "Action": actions, "Resource": "*"})
    kim.create_account_alias(AccountAlias="kims")
    assert kim.list_account_aliases()["AccountAliases"] == ["kims"]
    assert kim.get_account_summary()["SummaryMap"]["Users"] == 1
    lee = user_client("lee", {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:iam::*:*"})
    assert refusal(lee.list_account_aliases)[0] == "AccessDenied"
    assert refusal(lee.get_account_summary)[0] == "AccessDenied"
