"""The rules of tags, apart from any operation (P5.4-12, P5.4-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import InvalidInput, LimitExceeded
from akia.identity.quotas import Quotas
from akia.services.iam import tags

if TYPE_CHECKING:
    from akia.wire.shapes import iam as shapes

QUOTAS = Quotas()


def _list(**pairs: str) -> list[shapes.Tag]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def test_no_tags_are_no_tags() -> None:
    assert tags.given(None, QUOTAS) == {}
    assert tags.given([], QUOTAS) == {}


@pytest.mark.parametrize("second", ["Team", "team", "TEAM"])
def test_a_users_keys_differ_by_more_than_case(second: str) -> None:
    with pytest.raises(InvalidInput, match="Duplicate tag keys found"):
        tags.given([{"Key": "Team", "Value": "a"}, {"Key": second, "Value": "b"}], QUOTAS)


def test_a_policys_keys_may_differ_by_case_alone() -> None:
    assert tags.given(_list(Team="a", team="b"), QUOTAS, tags.exactly) == {"Team": "a", "team": "b"}
    with pytest.raises(InvalidInput):
        tags.given([{"Key": "Team", "Value": "a"}] * 2, QUOTAS, tags.exactly)


@pytest.mark.parametrize("key", ["aws:owner", "AWS:owner", "aWs:"])
def test_keys_of_aws_are_reserved(key: str) -> None:
    with pytest.raises(InvalidInput, match="aws: prefixed"):
        tags.given([{"Key": key, "Value": "a"}], QUOTAS)


def test_p5_4_12_fifty_tags_and_no_more() -> None:
    fifty = {f"key{number}": "v" for number in range(50)}
    assert tags.given(_list(**fifty), QUOTAS) == fifty
    assert tags.merged(fifty, _list(key7="new"), QUOTAS)["key7"] == "new"
    with pytest.raises(LimitExceeded):
        tags.merged(fifty, _list(one="more"), QUOTAS)


def test_a_tag_of_another_case_takes_the_old_ones_place() -> None:
    assert tags.merged({"Team": "a", "Site": "x"}, _list(team="b"), QUOTAS) == {"Site": "x", "team": "b"}
    assert tags.merged({"Team": "a"}, _list(team="b"), QUOTAS, tags.exactly) == {"Team": "a", "team": "b"}


def test_removing_ignores_case_and_what_is_not_there() -> None:
    assert tags.without({"Team": "a", "Site": "x"}, ["TEAM", "none"]) == {"Site": "x"}
    assert tags.without({"Team": "a"}, ["TEAM"], tags.exactly) == {"Team": "a"}


def test_tags_are_shown_in_the_order_of_keys() -> None:
    assert tags.to_wire({"b": "2", "a": "1"}) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
