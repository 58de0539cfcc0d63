"""The tour's narrator: what does not go as told ends it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from akia.cli.narrator import Narrator, NotAsTold, Person, command

pytestmark = pytest.mark.covers("I2.program.tour")


@pytest.fixture
def narrator() -> Narrator:
    return Narrator(Console(file=io.StringIO(), width=200))


def test_a_call_that_is_refused_and_should_not_be_ends_the_tour(akia: Any, narrator: Narrator) -> None:
    with pytest.raises(NotAsTold, match="it was refused with NoSuchEntity, and should have been allowed"):
        narrator.call(Person("root", akia.client), "iam", "get_user", UserName="nobody")


def test_a_call_that_is_allowed_and_should_not_be_ends_the_tour(akia: Any, narrator: Narrator) -> None:
    with pytest.raises(NotAsTold, match="list_users was allowed, and should have been refused with AccessDenied"):
        narrator.call(Person("root", akia.client), "iam", "list_users", refused="AccessDenied")


def test_a_call_that_is_refused_otherwise_ends_the_tour(akia: Any, narrator: Narrator) -> None:
    with pytest.raises(NotAsTold, match="and should have been refused with LimitExceeded"):
        narrator.call(Person("root", akia.client), "iam", "get_user", refused="LimitExceeded", UserName="nobody")


def test_calls_are_spelt_as_the_aws_cli_spells_them() -> None:
    assert command("iam", "create_user", {"UserName": "alice"}) == "aws iam create-user --user-name alice"
    assert command("iam", "tag_user", {"Tags": [{"Key": "a"}]}) == """aws iam tag-user --tags '[{"Key": "a"}]'"""
