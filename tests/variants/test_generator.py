"""The generator keeps what it promises: good variants break nothing, each broken one breaks one constraint, and it misses none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.variants.generator import Variants
from tests.variants.shown import echoes, flaws
from tests.variants.test_variants import EVERY

from akia.wire.constraints import Constraints
from akia.wire.schema import Shape

if TYPE_CHECKING:
    from tests.variants.asked import Asked

SHAPES: dict[str, Any] = {
    "Top": {
        "type": "structure",
        "required": ["Name"],
        "members": {name: {"shape": name} for name in ("Name", "Kind", "Count", "Tags", "Names")},
    },
    "Name": {"type": "string", "min": 2, "max": 4, "pattern": "[a-z]+"},
    "Kind": {"type": "string", "enum": ["A", "B"]},
    "Count": {"type": "integer", "min": 1, "max": 9},
    "Tags": {"type": "list", "max": 3, "member": {"shape": "Tag"}},
    "Tag": {"type": "structure", "required": ["Key"], "members": {"Key": {"shape": "Name"}, "Value": {"shape": "Count"}}},
    "Names": {"type": "list", "min": 1, "max": 2, "member": {"shape": "Name"}},
}
TOP = Shape({"shape": "Top"}, SHAPES)


def violations(shape: Shape, members: Any) -> list[str]:
    found: list[str] = []
    check = Constraints(quote_values=False).of(shape)
    if check is not None:
        check(members, "", found)
    return found


def test_every_edge_is_there_by_name() -> None:
    variants = Variants(TOP, {})
    names = {variant.name for variant in variants.good()}
    assert {"least", "most", "with Kind", "Kind is A", "Kind is B", "Count is 1", "Count is 9", "Tags of 0", "Tags of 3"} <= names
    lengths = {len(variant.members["Name"]) for variant in variants.good()}
    assert lengths >= {2, 4}
    broken = {(variant.name, variant.breaks) for variant in variants.broken() if not variant.bent}
    text = [(f"is too {how}", "") for how in ("short", "long")] + [("has no form", "")]
    assert broken == {
        *((f"Name {how}", "name") for how, _ in text),
        *((f"Tags of one that Key {how}", "tags.1.member.key") for how, _ in text),
        *((f"Names of one that {how}", "names") for how, _ in text),
        ("Kind is no such value", "kind"),
        ("Count is 0", "count"),
        ("Count is 10", "count"),
        ("Tags of 4", "tags"),
        ("Tags of one that without Key", "tags.1.member.key"),
        ("Tags of one that Value is 0", "tags.1.member.value"),
        ("Tags of one that Value is 10", "tags.1.member.value"),
        ("Names of 0", "names"),
        ("Names of 3", "names"),
        ("without Name", "name"),
    }
    assert {variant.bent for variant in variants.broken()} == {None, "Name", "Kind", "Count", "Tags", "Names"}


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_good_variants_break_nothing_and_broken_ones_one_thing(asked: Asked) -> None:
    shape = asked.operation.interface.input
    if shape is None:
        return
    variants = Variants(shape, {}, sends_empty=asked.operation.service.protocol != "query")
    for variant in variants.good():
        assert violations(shape, variant.members) == [], variant
    for variant in variants.broken():
        if variant.bent is None:
            found = violations(shape, variant.members)
            assert found, variant
            assert all(f"'{variant.breaks}'" in each for each in found), (variant, found)


def test_there_are_thousands() -> None:
    shapes = [asked.operation.interface.input for asked in EVERY]
    variants = [Variants(shape, {}) for shape in shapes if shape is not None and shape.members]
    assert sum(len(list(each.good())) for each in variants) > 2_500
    assert sum(len(list(each.broken())) for each in variants) > 2_300


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        ({}, "Name required"),
        ({"Name": 1}, "Name type"),
        ({"Name": "a"}, "Name min"),
        ({"Name": "aaaaa"}, "Name max"),
        ({"Name": "aA"}, "Name pattern"),
        ({"Name": "aa", "Kind": "C"}, "Kind enum"),
        ({"Name": "aa", "Count": 10}, "Count max"),
        ({"Name": "aa", "Count": True}, "Count type"),
        ({"Name": "aa", "Tags": [{}]}, "Tags[].Key required"),
        ({"Name": "aa", "Names": []}, "Names min"),
    ],
)
def test_a_wrong_answer_is_noticed(answer: dict[str, Any], flaw: str) -> None:
    assert flaws(TOP, answer) == [flaw]
    assert flaws(TOP, {"Name": "aa", "Kind": "A", "ResponseMetadata": {}}) == []


def test_what_is_told_otherwise_is_noticed() -> None:
    asked = {"Name": "aa", "Tags": [1, 2], "Document": '{"a": 1}'}
    assert list(echoes(asked, {"Thing": {"Name": "aa", "Tags": [2, 1], "Document": {"a": 1}}})) == []
    assert list(echoes(asked, {"Thing": {"Name": "bb"}})) == ["Name: 'aa' became 'bb'"]
