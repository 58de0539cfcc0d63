"""Patterns that other people write: they mean what Python's mean, and none can run away."""

from __future__ import annotations

import random
import re
from itertools import count

import pytest

from akia.identity.safe_pattern import MOST_STATES, SafePattern

pytestmark = pytest.mark.covers("I6.keys.patterns")


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("(prod|dev)-[a-z]+", ["prod-x", "dev-abc"], ["prod-", "test-x", "xprod-x", "prod-x "]),
        (r"[\w .,-]{3,20}", ["abc", "a nightly job, no. 7"], ["ab", "a" * 21, "a/b"]),
        (r"\d{4}-\d\d", ["2026-11"], ["2026-1", "2026-111"]),
        ("a{2,}", ["aa", "aaaa"], ["a"]),
        ("", [""], ["a"]),
        ("a|", ["", "a"], ["b"]),
        (r"\[x\]\$", ["[x]$"], ["x"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[^]a]", ["b"], ["]", "a"]),
        ("^a+$", ["aa"], ["^a$"]),
        (r"a\$", ["a$"], ["a"]),
        ("(?:a?b)*.", ["c", "abbabc", "b"], ["", "aa"]),
        ("ü+", ["üü"], ["u"]),
    ],
)
def test_a_pattern_is_matched_against_the_whole_text(pattern: str, yes: list[str], no: list[str]) -> None:
    compiled = SafePattern(pattern)
    assert [text for text in yes if not compiled.matches(text)] == []
    assert [text for text in no if compiled.matches(text)] == []


@pytest.mark.parametrize(
    "text",
    ["(", "a)", "[", "a**", "*", "a{3,2}", r"\1", r"\b", r"\x41", "(?=a)", "(?i)a", "(?P<n>a)", "a^b", "a$b", "{", "\\", "[z-a]", "[a--b]",
     "[[a]]", "[a&&b]", "a+?", "a{1}{2}", "(" * 40 + ")" * 40],
)  # fmt: skip
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        SafePattern(text)


@pytest.mark.parametrize(
    "text",
    [
        "((((((a{999}){999}){999}){999}){999}){999}){999}",  # takes all the memory there is with a library
        "(((){9999}){9999}){9999}",
        "(((x{0}){9999}){9999}){9999}",
        ".{0,1000}",
        "((a{0,99}){0,99}){0,99}",
    ],
)
def test_a_pattern_that_would_unfold_to_too_much_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too many"):
        SafePattern(text)


class Counted:
    """Counts how often a kind of character is tried."""

    def __init__(self, kind: re.Pattern[str], counter: count[int]) -> None:
        self._kind = kind
        self._counter = counter

    def fullmatch(self, text: str) -> re.Match[str] | None:
        next(self._counter)
        return self._kind.fullmatch(text)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*b", "(a|aa)+b", "(.*)*x", ".*.*.*.*.*.*.*x", "(a?){200}a{200}", "(()*)*b"])
def test_no_text_makes_a_pattern_try_more_than_each_kind_once_a_character(pattern: str) -> None:
    compiled, text, counter = SafePattern(pattern), "a" * 255 + "!", count()
    for state in compiled._states:
        if state.accepts is not None:
            state.accepts = Counted(state.accepts, counter)  # type: ignore[assignment]  # it has all of a pattern that is used
    assert not compiled.matches(text)
    assert len(compiled._states) <= MOST_STATES
    assert next(counter) <= len(text) * sum(state.accepts is not None for state in compiled._states)


def test_random_patterns_match_what_python_s_match() -> None:
    chance = random.Random(6)  # not for secrets

    def made(depth: int) -> str:
        kind = chance.random()
        if depth == 0 or kind < 0.4:
            return chance.choice(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\d", r"\W", "c"])
        if kind < 0.6:
            return made(depth - 1) + made(depth - 1)
        if kind < 0.75:
            return f"({made(depth - 1)}|{made(depth - 1)})"
        return f"(?:{made(depth - 1)})" + chance.choice(["?", "*", "+", "{2}", "{1,2}", "{0,3}", "{1,}"])

    for _ in range(1_000):
        pattern = made(3)
        compiled = SafePattern(pattern)
        for _ in range(5):
            text = "".join(chance.choice("abc1 ") for _ in range(chance.randrange(7)))
            assert compiled.matches(text) == (re.fullmatch(pattern, text) is not None), (pattern, text)
