"""Wildcards: right for every text, and never slow."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.cases import allow, applies, ask, identity

from akia.policy.wildcard import Budget, Glob, Globs, TooMuchWork, Wild, joined, pattern

ALPHABET = "ab*?$[].\\\n:/{}"


def matches(glob: str, value: str) -> bool:
    return Glob(pattern(glob)).matches(value, Budget())


def slow(glob: str, value: str) -> bool:
    """The definition of a match, by recursion."""
    if not glob:
        return not value
    if glob[0] == "*":
        return any(slow(glob[1:], value[place:]) for place in range(len(value) + 1))
    return bool(value) and glob[0] in {"?", value[0]} and slow(glob[1:], value[1:])


@settings(max_examples=3_000, deadline=None, database=None)
@given(st.text(ALPHABET, max_size=7), st.text(ALPHABET, max_size=9))
def test_nt_52_every_character_but_star_and_question_mark_is_ordinary(glob: str, value: str) -> None:
    expected = slow(glob, value)
    assert matches(glob, value) is expected
    assert Globs([pattern(glob)]).match(value, Budget()) is expected


@pytest.mark.parametrize("value", ["a/*", "a/*z", "a/z*"])
def test_nt_52_a_star_in_the_subject_is_an_ordinary_character(value: str) -> None:
    assert matches("a/*", value)
    assert not matches("a/b", value)


@settings(max_examples=500, deadline=None, database=None)
@given(st.lists(st.text("ab*?", max_size=4), max_size=5), st.text("ab", max_size=5))
def test_many_patterns_together_match_what_any_of_them_matches(globs: list[str], value: str) -> None:
    assert Globs(map(pattern, globs)).match(value, Budget()) is any(slow(glob, value) for glob in globs)


def test_joined_patterns_keep_their_meaning() -> None:
    assert joined(("a", "b", Wild.RUN, Wild.RUN, "", Wild.ONE, Wild.ONE, "c")) == ("ab", Wild.RUN, Wild.ONE, Wild.ONE, "c")


@pytest.mark.covers("I2.policy.wildcards")
def test_nt_53_thirty_stars_search_once_for_each_piece_and_never_go_back() -> None:
    searches: list[int] = []

    class Watched(str):
        __slots__ = ()

        def find(self, sub: str, start: Any = None, end: Any = None, /) -> int:
            searches.append(start)
            return super().find(sub, start, end)

    glob, budget = Glob(pattern("*a" * 30 + "*b*")), Budget()
    assert not glob.matches(Watched("a" * 10_000), budget)
    assert searches == list(range(31))
    assert Budget().left - budget.left <= 10_000


def test_nt_53_free_characters_are_paid_for_by_their_number() -> None:
    glob, value = Glob(pattern("*" + "?a" * 500 + "b*")), "a" * 10_000
    with pytest.raises(TooMuchWork):
        for _ in range(3):
            glob.matches(value, Budget(steps=10_000_000 // 3))


def test_nt_53_an_evaluation_that_costs_too_much_is_denied() -> None:
    slow_patterns = ["*" + "?a" * 500 + f"{number}*" for number in range(50)]
    statement = allow(Condition={"StringLike": {"aws:UserAgent": [*slow_patterns, "short"]}})
    assert applies(statement, {"aws:useragent": "short"})
    for policies in (identity(statement), identity(allow("s3:*"), statement | {"Effect": "Deny"})):
        denied = ask(context={"aws:useragent": "a" * 10_000}, identity=policies)
        assert (denied.allowed, denied.rule, denied.blamed) == (False, "NT-53", None)


def test_nt_96_naming_every_statement_has_the_outcome_of_the_plain_decision_however_costly() -> None:
    costly = allow(Condition={"StringLike": {"aws:UserAgent": ["*" + "?a" * 500 + "b*"] * 2}})
    asked = {"aws:useragent": "a" * 10_000}
    for policies in (identity(allow(), *[costly] * 9), identity(costly)):
        assert ask(context=asked, identity=policies).outcome is ask(context=asked, identity=policies, every=True).outcome


@pytest.mark.parametrize(("operator", "value"), [("StringNotEqualsIgnoreCase", "bob"), ("StringNotLike", "${aws:UserAgent}x")])
def test_nt_53_long_texts_are_paid_for_where_letter_case_is_put_aside_and_variables_are_replaced(operator: str, value: str) -> None:
    spellings = {"".join(letters) + "ragent": value for letters in product("aA", "wW", "sS", ":", "uU", "sS", "eE")}
    statement = allow(Condition={operator: spellings})
    assert ask(context={"aws:useragent": "b" * 500}, identity=identity(statement)).allowed
    denied = ask(context={"aws:useragent": "b" * 10_240}, identity=identity(statement))
    assert (denied.allowed, denied.rule) == (False, "NT-53")
