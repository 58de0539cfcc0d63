"""Every constraint of a model is enforced, in AWS's words (W9.4, P5.3-2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from akia.aws.errors import ValidationError
from akia.wire.constraints import MAX_LISTED, MAX_QUOTED, Constraints, validation_error
from akia.wire.schema import Shape

pytestmark = pytest.mark.covers("I2.wire.constraints")

Parse = Callable[[str, bytes], dict[str, Any]]

SHAPES: dict[str, Any] = {
    "Top": {
        "type": "structure",
        "required": ["Name"],
        "members": {
            name: {"shape": name} for name in ("Name", "Secret", "Kind", "Count", "Ratio", "Data", "Names", "Tags", "Table", "Nest", "Both")
        },
    },
    "Name": {"type": "string", "min": 2, "max": 4, "pattern": "[a-z]+"},
    "Secret": {"type": "string", "max": 3, "sensitive": True},
    "Kind": {"type": "string", "enum": ["A", "B"]},
    "Both": {"type": "string", "enum": ["aa", "bb"], "pattern": "a+", "max": 1},
    "Count": {"type": "integer", "min": 1, "max": 9},
    "Ratio": {"type": "double", "max": 1},
    "Data": {"type": "blob", "min": 1, "max": 2},
    "Names": {"type": "list", "max": 2, "member": {"shape": "Name"}},
    "Tags": {"type": "list", "member": {"shape": "Tag"}},
    "Tag": {"type": "structure", "required": ["Key"], "members": {"Key": {"shape": "Name"}}},
    "Table": {"type": "map", "min": 1, "key": {"shape": "Name"}, "value": {"shape": "Kind"}},
    "Nest": {"type": "map", "key": {"shape": "Any"}, "value": {"shape": "Tags"}},
    "Any": {"type": "string"},
}


def violations(value: dict[str, Any], *, quote_values: bool = True) -> list[str]:
    check = Constraints(quote_values=quote_values).of(Shape({"shape": "Top"}, SHAPES))
    assert check is not None
    found: list[str] = []
    check(value, "", found)
    return found


FAILED = "failed to satisfy constraint:"
EACH_NAME = (
    "[Member must have length less than or equal to 4, Member must have length greater than or equal to 2, "
    "Member must satisfy regular expression pattern: [a-z]+]"
)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"Name": None}, f"Value null at 'name' {FAILED} Member must not be null"),
        ({"Name": "a"}, f"Value 'a' at 'name' {FAILED} Member must have length greater than or equal to 2"),
        ({"Name": "abcde"}, f"Value 'abcde' at 'name' {FAILED} Member must have length less than or equal to 4"),
        ({"Name": "a1"}, f"Value 'a1' at 'name' {FAILED} Member must satisfy regular expression pattern: [a-z]+"),
        ({"Name": "ab\n"}, f"Value 'ab\n' at 'name' {FAILED} Member must satisfy regular expression pattern: [a-z]+"),
        ({"Secret": "hidden"}, f"Value at 'secret' {FAILED} Member must have length less than or equal to 3"),
        ({"Kind": "C"}, f"Value 'C' at 'kind' {FAILED} Member must satisfy enum value set: [A, B]"),
        ({"Kind": "a"}, f"Value 'a' at 'kind' {FAILED} Member must satisfy enum value set: [A, B]"),
        ({"Count": 0}, f"Value '0' at 'count' {FAILED} Member must have value greater than or equal to 1"),
        ({"Count": 10}, f"Value '10' at 'count' {FAILED} Member must have value less than or equal to 9"),
        ({"Ratio": 1.5}, f"Value '1.5' at 'ratio' {FAILED} Member must have value less than or equal to 1"),
        ({"Data": b""}, f"Value at 'data' {FAILED} Member must have length greater than or equal to 1"),
        ({"Data": b"abc"}, f"Value at 'data' {FAILED} Member must have length less than or equal to 2"),
        ({"Names": ["ab", "cd", "ef"]}, f"Value at 'names' {FAILED} Member must have length less than or equal to 2"),
        ({"Names": ["ab", "C"]}, f"Value at 'names' {FAILED} Member must satisfy constraint: {EACH_NAME}"),
        ({"Names": [None]}, f"Value null at 'names.1.member' {FAILED} Member must not be null"),
        (
            {"Tags": [{"Key": "ab"}, {"Key": "x"}]},
            f"Value 'x' at 'tags.2.member.key' {FAILED} Member must have length greater than or equal to 2",
        ),
        ({"Tags": [{}]}, f"Value null at 'tags.1.member.key' {FAILED} Member must not be null"),
        ({"Table": {}}, f"Value at 'table' {FAILED} Member must have length greater than or equal to 1"),
        ({"Table": {"X": "A"}}, f"Value at 'table' {FAILED} Map keys must satisfy constraint: {EACH_NAME}"),
        (
            {"Table": {"ab": "C"}},
            f"Value at 'table' {FAILED} Map value must satisfy constraint: [Member must satisfy enum value set: [A, B]]",
        ),
        ({"Nest": {"k": [{}]}}, f"Value null at 'nest.k.member.1.member.key' {FAILED} Member must not be null"),
    ],
)
def test_w9_4_each_broken_constraint_has_awss_words(members: dict[str, Any], text: str) -> None:
    assert violations({"Name": "ok", **members}) == [text]


def test_what_satisfies_every_constraint_passes() -> None:
    fine = {
        "Name": "abcd", "Secret": "", "Kind": "A", "Count": 9, "Ratio": -5.0, "Data": b"ab", "Names": ["ab", "cd"], "Tags": [{"Key": "ab"}],
        "Table": {"ab": "B"}, "Nest": {"": []},
    }  # fmt: skip
    assert violations(fine) == []


def test_lengths_are_counted_in_characters() -> None:
    assert violations({"Name": "ab", "Secret": "😀😀😀"}) == []


def test_one_value_may_break_several_constraints() -> None:
    found = violations({"Name": "ok", "Both": "cc"})
    assert [text.split("Member must ")[1].split(":")[0] for text in found] == [
        "have length less than or equal to 1",
        "satisfy regular expression pattern",
        "satisfy enum value set",
    ]


def test_sensitive_values_are_never_quoted() -> None:
    assert "hidden" not in "".join(violations({"Name": "ok", "Secret": "hidden"}))


def test_contested_validation_message_form() -> None:
    # P5.3-2 [?]: IAM leaves the value out of its message, other services quote it
    assert violations({"Name": "a1"}, quote_values=False) == [
        f"Value at 'name' {FAILED} Member must satisfy regular expression pattern: [a-z]+"
    ]


def test_long_values_are_not_quoted_and_long_lists_of_violations_end() -> None:
    assert violations({"Name": "a" * (MAX_QUOTED + 1)})[0].startswith("Value at 'name'")
    message = validation_error(["x"] * 1_000).message
    assert message.startswith("1000 validation errors detected: x; x")
    assert message.count("x") == MAX_LISTED


def test_p5_3_2_iam_says_it_without_the_value(query: Parse) -> None:
    with pytest.raises(ValidationError) as refused:
        query("iam", b"Action=CreateUser&UserName=" + b"a" * 65 + b"&Tags.member.1.Value=v")
    assert refused.value.message == (
        "2 validation errors detected: "
        "Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64; "
        "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null"
    )


INVALID = "The specified value for {} is invalid. It must {}"
NAME = "contain only alphanumeric characters and/or the following: +=,.@_-"
PATH = "begin and end with / and contain only alphanumeric characters and/or / characters."
PREFIX = "begin with the / character and contain only alphanumeric characters and/or / characters."


@pytest.mark.parametrize(
    ("form", "member", "rule"),
    [
        (b"Action=CreateUser&UserName=a+b", "userName", NAME),
        (b"Action=UpdateGroup&GroupName=g&NewGroupName=a*", "newGroupName", NAME),
        (b"Action=CreateUser&UserName=a&Path=x/", "path", PATH),
        (b"Action=UpdateUser&UserName=a&NewPath=/x", "newPath", PATH),
        (b"Action=ListRoles&PathPrefix=x", "pathPrefix", PREFIX),
        (b"Action=ListPolicies&PathPrefix=/foo", "pathPrefix", PREFIX),  # which means: must end with one, too
    ],
)
def test_iam_has_its_own_words_for_the_characters_of_names_and_paths(query: Parse, form: bytes, member: str, rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        query("iam", form)
    assert refused.value.message == INVALID.format(member, rule)


def test_iam_looks_at_the_characters_of_names_when_all_else_is_well(query: Parse) -> None:
    with pytest.raises(ValidationError) as refused:
        query("iam", b"Action=CreateUser&UserName=a+b&Path=x&Tags.member.1.Value=v")
    assert refused.value.message == (
        "1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null"
    )
    with pytest.raises(ValidationError) as refused:
        query("iam", b"Action=CreateUser&UserName=a+b&Path=x")
    assert refused.value.message.startswith("The specified value for path is invalid.")


def test_sts_says_it_with_the_value(query: Parse) -> None:
    with pytest.raises(ValidationError) as refused:
        query("sts", b"Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=a+b")
    assert refused.value.message == (
        "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
    )


def test_required_members_of_all_locations_are_required(json_call: Parse) -> None:
    with pytest.raises(ValidationError, match="Value null at 'secretId'"):
        json_call("secretsmanager.GetSecretValue", b"{}")


def test_passwords_are_not_quoted_when_refused(json_call: Parse) -> None:
    with pytest.raises(ValidationError) as refused:
        json_call("secretsmanager.PutSecretValue", b'{"SecretId":"a","SecretString":"%s"}' % (b"hunter2" * 20_000))
    assert "hunter2" not in refused.value.message
