"""Conditions: the tables of missing keys, set qualifiers and IfExists, and each operator's comparison."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.policy.cases import allow, applies, ask, deny, holds, identity

from akia import policy
from akia.policy import Conflicting, Kind, PolicySet, Value
from akia.policy.conditions import OPERATORS

FITTING: dict[str, tuple[str, str]] = {  # family: a policy value, and a request value that differs from it
    "string": ("a", "b"),
    "numeric": ("5", "6"),
    "date": ("2020-01-01", "2021-01-01"),
    "bool": ("true", "false"),
    "binary": ("YQ==", "Yg=="),
    "ip": ("10.0.0.0/8", "192.168.0.1"),
    "arn": ("arn:aws:s3:::a", "arn:aws:s3:::b"),
}
NAMES = [operator.name for operator in OPERATORS.values()]
NEGATED = [operator.name for operator in OPERATORS.values() if operator.negated]
EFFECTS = ["Allow", "Deny"]


def fitting(name: str) -> tuple[str, str]:
    return next(values for family, values in FITTING.items() if family in name.lower())


@pytest.mark.covers("I2.policy.operators")
@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("name", NAMES)
def test_nt_83_absent_keys_match_by_the_form_of_the_condition(name: str, effect: str) -> None:
    value, _ = fitting(name)
    met = {form: holds(form, value, None, effect=effect) for form in forms(name)}
    assert met == {
        name: name in NEGATED,
        f"{name}IfExists": True,
        f"ForAllValues:{name}": True,
        f"ForAllValues:{name}IfExists": True,
        f"ForAnyValue:{name}": False,
        f"ForAnyValue:{name}IfExists": False,
    }


def forms(name: str) -> list[str]:
    return [f"{over}{name}{suffix}" for over in ("", "ForAllValues:", "ForAnyValue:") for suffix in ("", "IfExists")]


@pytest.mark.parametrize("name", NAMES)
def test_nt_57_a_present_key_is_compared_whatever_the_form(name: str) -> None:
    value, other = fitting(name)
    same = value.replace("/8", "").replace("10.0.0.0", "10.1.1.1")
    expected = (name in NEGATED) or "Greater" in name
    for form in forms(name):
        assert holds(form, value, other) is expected
        if "Than" not in name:
            assert holds(form, value, same) is (name not in NEGATED)


@pytest.mark.parametrize("effect", EFFECTS)
def test_nt_83_null_asks_for_presence(effect: str) -> None:
    assert [holds("Null", wanted, None, effect=effect) for wanted in ("true", "false")] == [True, False]
    assert [holds("Null", wanted, "x", effect=effect) for wanted in (True, "FALSE")] == [False, True]
    assert holds("Null", ["true", "false"], "x", effect=effect)
    assert not holds("Null", "perhaps", "x", effect=effect)
    assert not holds("Null", [], "x", effect=effect)


def test_c3_2_13_and_14_qualified_null_does_not_ask() -> None:
    for present in (None, "x", ("x", "y"), ()):
        assert holds("ForAllValues:Null", "true", present)
        assert not holds("ForAnyValue:Null", "true", present)


SETS: list[tuple[Value | None, bool, bool, bool, bool]] = [
    # request, ForAllValues+, ForAllValues-, ForAnyValue+, ForAnyValue- with the policy values a, b
    ((), True, True, False, False),
    (None, True, True, False, False),
    ("", True, True, False, False),
    (("",), True, True, False, False),
    (("x", "y"), False, True, False, True),
    (("a",), True, False, True, False),
    (("a", "b"), True, False, True, False),
    (("a", "x"), False, False, True, True),
    ("a", True, False, True, False),
    ("x", False, True, False, True),
]


@pytest.mark.covers("I2.policy.operators")
@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringEqualsIgnoreCase"])
@pytest.mark.parametrize("present, all_of, all_not, any_of, any_not", SETS)
def test_nt_50_quantified_operators_and_their_negations(
    operator: str, effect: str, present: Value | None, all_of: bool, all_not: bool, any_of: bool, any_not: bool
) -> None:
    negated = operator.replace("String", "StringNot")
    names = (f"ForAllValues:{operator}", f"ForAllValues:{negated}", f"ForAnyValue:{operator}", f"ForAnyValue:{negated}")
    assert tuple(holds(name, ["a", "b"], present, effect=effect) for name in names) == (all_of, all_not, any_of, any_not)


@pytest.mark.parametrize("negated", NEGATED)
def test_nt_50_every_negated_operator_is_the_negation_value_by_value(negated: str) -> None:
    same, other = fitting(negated)
    same = "10.1.1.1" if "Ip" in negated else same
    values = [fitting(negated)[0]]
    assert [holds(f"ForAllValues:{negated}", values, present) for present in ((same,), (other,), (same, other))] == [False, True, False]
    assert [holds(f"ForAnyValue:{negated}", values, present) for present in ((same,), (other,), (same, other))] == [False, True, True]


TAG_TABLE: list[tuple[Value | None, bool]] = [
    (("key1:legal",), False),
    (("key1:hr", "key1:personnel"), False),
    (("key2:audit",), True),
    (("key1:legal", "key2:audit"), False),
    (None, True),
]


@pytest.mark.parametrize("present, hit", TAG_TABLE)
def test_c3_2_20_the_documented_table_of_for_all_values_string_not_like_in_a_deny(present: Value | None, hit: bool) -> None:
    assert holds("ForAllValues:StringNotLike", ["key1*"], present, effect="Deny") is hit


SINGLE_VALUED_TABLE: list[tuple[str, str | None, bool]] = [
    # AWS's table of evaluation with single-valued keys: aws:ResourceTag/team against "legal"
    ("StringEquals", "legal", True),
    ("StringEquals", "hr", False),
    ("StringEquals", None, False),
    ("StringEqualsIfExists", "legal", True),
    ("StringEqualsIfExists", "hr", False),
    ("StringEqualsIfExists", None, True),
    ("StringNotEquals", "legal", False),
    ("StringNotEquals", "hr", True),
    ("StringNotEquals", None, True),
    ("StringNotEqualsIfExists", "legal", False),
    ("StringNotEqualsIfExists", "hr", True),
    ("StringNotEqualsIfExists", None, True),
]


@pytest.mark.parametrize("operator, present, met", SINGLE_VALUED_TABLE)
def test_c3_2_20_single_valued_keys(operator: str, present: str | None, met: bool) -> None:
    assert holds(operator, "legal", present) is met


def test_c3_2_15_a_deny_with_a_negated_operator_fires_without_the_key_unless_null_forbids_it() -> None:
    for operator in ("StringNotEquals", "StringNotEqualsIfExists"):
        condition: dict[str, Any] = {operator: {"x:k": "a"}}
        assert applies(deny(Condition=condition))
        assert not applies(deny(Condition=condition | {"Null": {"x:k": "false"}}))


@pytest.mark.parametrize("over, operator", [("", "StringEquals"), ("", "StringNotEquals"), ("ForAllValues:", "StringEquals")])
def test_c3_2_17_a_policy_without_values(over: str, operator: str) -> None:
    assert not holds(f"{over}{operator}", [], "a")
    assert holds(f"{over}{operator}", [], "a", effect="Deny") is (operator == "StringNotEquals")
    assert holds(f"{over}{operator}IfExists", [], None)
    assert not holds(f"{over}{operator}IfExists", [], "a")
    assert holds(f"{over}{operator}", [], None) is (over == "ForAllValues:")
    assert not holds("ForAnyValue:StringNotEquals", [], ("a",), effect="Deny")


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "ForAllValues:StringEquals", "ForAnyValue:StringLike", "Null"])
def test_c3_2_21_conflicting_values_meet_no_allow_and_every_deny(operator: str) -> None:
    both = Conflicting(("a", "b"))
    assert not holds(operator, "a", both)
    assert holds(operator, "a", both, effect="Deny")
    assert not applies(allow(resource="arn:aws:s3:::${x:key}/key"), {"x:key": both})


def test_nt_58_if_exists_is_taken_key_by_key() -> None:
    condition = {"StringEqualsIfExists": {"x:one": "a", "x:two": "b"}}
    assert not applies(allow(Condition=condition), {"x:one": "wrong"})
    assert applies(allow(Condition=condition), {"x:one": "a"})
    assert applies(allow(Condition=condition), {})
    assert not applies(allow(Condition=condition), {"x:one": "a", "x:two": "wrong"})


def test_p1_2_3_operators_and_keys_are_all_demanded_and_values_are_alternatives() -> None:
    condition = {"StringEquals": {"x:one": ["a", "b"], "x:two": "c"}, "Bool": {"x:three": "true"}}
    assert applies(allow(Condition=condition), {"x:one": "b", "x:two": "c", "x:three": "true"})
    assert not applies(allow(Condition=condition), {"x:one": "b", "x:two": "c", "x:three": "false"})
    assert not applies(allow(Condition=condition), {"x:one": "b", "x:three": "true"})
    assert not holds("StringNotEquals", ["a", "b"], "b")
    assert holds("StringNotEquals", ["a", "b"], "c")


def test_c3_1_1_keys_ignore_case_and_values_do_not() -> None:
    condition = {"StringEquals": {"AWS:principalTAG/Team": "Red"}}
    assert applies(allow(Condition=condition), {"aws:principaltag/team": "Red"})
    assert not applies(allow(Condition=condition), {"aws:principaltag/team": "red"})


def test_c3_1_4_numbers_and_booleans_are_text() -> None:
    assert holds("StringEquals", 5, "5")
    assert holds("StringEquals", True, "true")
    assert holds("Bool", False, "false")
    raw = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"x:k":[1e5, 1.50]}}}}'
    compiled = PolicySet([policy.compile(raw, Kind.IDENTITY_INLINE, policy="p")])
    assert [ask(context={"x:k": value}, identity=compiled).allowed for value in ("1e5", "100000.0", "1.50", "1.5")] == [
        True,
        False,
        True,
        False,
    ]


COMPARISONS: list[tuple[str, Any, str, bool]] = [
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True),
    ("StringEqualsIgnoreCase", "Straße", "STRAßE", True),
    ("StringLike", "a/*:z", "a/b/c:d:z", True),
    ("StringLike", "a?c", "a\nc", True),
    ("StringLike", "a?c", "ac", False),
    ("StringLike", "A*", "ab", False),
    ("StringLike", "a\\*", "a\\bc", True),
    ("NumericEquals", "5.0", "5", True),
    ("NumericEquals", ["1", "2"], "+2", True),
    ("NumericEquals", "0.1", "0.10000000000000000001", False),
    ("NumericLessThan", "10", "9.99", True),
    ("NumericLessThanEquals", "-1", "-1.0", True),
    ("NumericGreaterThan", ["100", "1"], "50", True),
    ("DateEquals", "2020-01-01T00:00:00Z", "1577836800", True),
    ("DateEquals", "2020-01-01T02:00:00+02:00", "2020-01-01", True),
    ("DateEquals", "2020-01-01T00:00:00.5Z", "2020-01-01T00:00:00.500000000Z", True),
    ("DateEquals", "2020-02-30", "2020-02-30", False),
    ("DateLessThan", "2020-01", "2019-12-31T23:59:59.999999999Z", True),
    ("DateGreaterThan", "2020-01-01T00:00", "2020-01-01T00:00:00-01", True),
    ("Bool", "true", "TRUE", True),
    ("Bool", "true", "1", False),
    ("Bool", "1", "1", False),
    ("BinaryEquals", "YQ==", "YQ==", True),
    ("BinaryEquals", "YR==", "YQ==", False),
    ("BinaryEquals", "YQ", "YQ", False),
    ("BinaryEquals", "Y Q==", "YQ==", False),
    ("IpAddress", "10.1.2.3/8", "10.255.0.1", True),
    ("IpAddress", "10.1.2.3", "10.1.2.3", True),
    ("IpAddress", "2001:DB8::/32", "2001:db8::1", True),
    ("IpAddress", "0.0.0.0/0", "::1", False),
    ("NotIpAddress", "0.0.0.0/0", "::1", True),
    ("IpAddress", "10.0.0.0/255.0.0.0", "10.0.0.1", False),
    ("IpAddress", "fe80::/10", "fe80::1%eth0", False),
    ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket/k:x", True),
    ("ArnLike", "arn:aws:iam::*:user/?", "arn:aws:iam::111122223333:user/a", True),
    ("ArnLike", "arn:aws:*:user/a", "arn:aws:iam::111122223333:user/a", False),
    ("StringLike", "arn:aws:*:user/a", "arn:aws:iam::111122223333:user/a", True),
    ("ArnLike", "arn:aws:s3:::B", "arn:aws:s3:::b", False),
    ("ArnLike", "*", "arn:aws:s3:::b", False),
    ("ArnNotLike", "arn:aws:s3:::a*", "arn:aws:s3:::b", True),
]


@pytest.mark.covers("I2.policy.operators")
@pytest.mark.parametrize("operator, value, present, met", COMPARISONS)
def test_nt_57_comparisons(operator: str, value: Any, present: str, met: bool) -> None:
    assert holds(operator, value, present) is met


UNREADABLE: list[tuple[str, str, list[str]]] = [
    ("Numeric", "5", ["1e3", "0x10", "", "5.", ".5", "1_0", " 5", "5\n", "\u0665", "NaN", "5,0"]),
    ("Date", "2020-01-01", ["soon", "2020-1-1", "2020-01-01t00:00Z", "2020-01-01T24:00Z", "2020-01-01T00:00+24:00", "-1", "2020-13-01"]),
    (
        "Date",
        "2020-01-01",
        [
            "99999999999999999999",
            "9223372036854775808",
            "2020-01-01T00:00:00.1234567890Z",
            "2020-01-01\n",
            "\uff12\uff10\uff12\uff10-01-01",
        ],
    ),
    ("IpAddress", "10.0.0.0/8", ["nowhere", "10.0.0", "010.0.0.1", "10.0.0.1/8", "fe80::1%eth0", "10.0.0.1\n", ""]),
    ("Arn", "arn:aws:s3:::b", ["arn:aws:s3", "b", "", "*"]),
]


@pytest.mark.parametrize("family, value, presents", UNREADABLE)
def test_nt_57_the_unreadable_meets_no_positive_operator_and_a_negated_one_in_a_deny_only(
    family: str, value: str, presents: list[str]
) -> None:
    positive, negated = (family, "NotIpAddress") if family == "IpAddress" else (f"{family}Equals", f"{family}NotEquals")
    for present in presents:
        assert not holds(positive, value, present)
        assert not holds(positive, value, present, effect="Deny")
        assert not holds(negated, value, present)
        assert holds(negated, value, present, effect="Deny")


def test_python_trap_lenient_readers_are_not_used_for_policy_values() -> None:
    traps = {
        "NumericEquals": ("10", ["1_0", "+10 ", " 10", "10\n", "\u0661\u0660", "1e1", "0xA"]),
        "DateEquals": ("2020-01-02", ["2020-1-2", "2020-01-02\n", "2020-01-02t00:00Z", "1_577_923_200", "\uff12\uff10\uff12\uff10-01-02"]),
        "BinaryEquals": ("YQ==", ["Y!Q==", "YQ==\n", "YR==", "YQ"]),
        "Bool": ("true", ["tru\u0435", " true", "true\n", "1", "yes"]),
        "IpAddress": ("10.0.0.1", ["010.0.0.1", "10.0.0.1\n", "::ffff:10.0.0.1", "167772161", "10.1"]),
    }
    for operator, (value, lenient) in traps.items():
        assert holds(operator, value, value)
        for spelling in lenient:
            assert not holds(operator, value, spelling)
            assert not holds(operator, spelling, value)


def test_c3_3_13_a_policy_value_that_cannot_be_read_leaves_doubt_unless_another_one_matches() -> None:
    assert holds("NumericEquals", ["x", "5"], "5")
    assert not holds("NumericNotEquals", ["x", "5"], "5", effect="Deny")
    assert not holds("NumericNotEquals", ["x", "5"], "6")
    assert holds("NumericNotEquals", ["x", "5"], "6", effect="Deny")


def test_nt_51_an_unknown_operator_in_a_stored_statement_never_allows_and_always_denies() -> None:
    for operator in (
        "StringAlmostEquals",
        "NullIfExists",
        "ForSomeValues:StringEquals",
        "StringEquals ",
        "StringEqualsIfExistsIfExists",
        "",
    ):
        condition = {operator: {"x:k": "a"}, "StringEquals": {"x:other": "b"}}
        assert not ask(identity=identity(allow(Condition=condition))).allowed
        assert ask(identity=identity(allow(Condition=condition), allow("s3:*"))).allowed
        assert not ask(identity=identity(allow(), deny("s3:*", Condition=condition))).allowed
        assert ask(identity=identity(allow(), deny("iam:*", Condition=condition))).allowed


def test_nt_98_a_failing_condition_is_no_grant_and_no_denial_in_any_layer() -> None:
    failing = {
        "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
        "StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:ResourceTag/team": "red"},
    }
    context: dict[str, Value] = {"aws:sourceip": "10.0.0.1", "aws:requestedregion": "us-east-1"}
    for operator, keys in failing.items():
        condition = {operator: keys}
        assert not ask(context=context, identity=identity(allow(Condition=condition))).allowed
        assert ask(context=context, identity=identity(allow(), deny(Condition=condition))).allowed


def test_an_operator_name_that_is_not_ascii_is_unknown() -> None:
    assert json.loads('"StringEqual\\u017f"').lower() != "stringequals"
    assert not holds("StringEqual\u017f", "a", "a")
