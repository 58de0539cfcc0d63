from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.wire.patterns import TIME_LIMIT, matcher, translate

if TYPE_CHECKING:
    from akia.wire import Models

pytestmark = pytest.mark.covers("I2.wire.constraints")


def test_every_pattern_of_every_model_can_be_translated(models: Models) -> None:
    """No pattern is left out: each compiles, as does each new one of a newer botocore, or this says which does not."""
    patterns = {
        models.service(entry.name).shape(name).traits.get("pattern")
        for entry in models.entries
        for name in models.service(entry.name).shape_names
    } - {None}
    assert len(patterns) > 250
    failed = []
    for pattern in patterns:
        try:
            matcher(pattern)("probe")
        except Exception as error:  # whatever the compilers raise: the pattern is what matters
            failed.append((pattern, error))
    assert failed == []


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"[\w+=,.@-]+", "some.user@example", True),
        (r"[\w+=,.@-]+", "user\n", False),
        (r"[\w]+", "é", False),
        (r"\d{12}", "١٢٣٤٥٦٧٨٩٠١٢", False),
        (r"\S+", "a\u2003b", True),
        (r"^a$", "a\n", False),
        (r"a", "ab", False),
        (r"a", "ba", False),
        (r".*", "a\r", False),
        (r".*", "a\x85", False),
        (r".*", "a\u2028", False),
        (r"(?s).*", "a\nb\u2028", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", "Größe 7", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", "a!", False),
        (r"[\p{L}\w]+", "é٣", False),
        (r"\p{L}\d", "é٣", False),
        (r"\p{L}\D", "é٣", True),
        (r"\p{L}\S", "é\u2003", True),
        (r"[a-z\d-_]+", "a-1_", True),
        (r"[\w-]+", "a-", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a😀\U0010ffff", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "\x00", False),
        (r"[a-z&&[^b]]+", "ac", True),
        (r"[a-z&&[^b]]+", "abc", False),
        (r"[a[bc]]+", "abc", True),
        (r"\[[$]\.", "[$.", True),
        (r"(?i)all|[0-9]{12}", "ALL", True),
        (r"([a-z]|-(?!-))+", "a--b", False),
        (r"(a)\1", "aa", True),
        (r"a++b", "aab", True),
        (r"", "", True),
    ],
)
def test_w9_4_java_patterns_mean_what_they_mean_in_java(pattern: str, text: str, matches: bool) -> None:
    assert matcher(pattern)(text) is matches


def test_p5_4_20_word_characters_are_ascii() -> None:
    assert not matcher(r"[\w+=,.@-]+")("Ünal")


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)+b", r"(.*)*x", r"(\w+\s?)+!"])
def test_nt_53_no_pattern_runs_away(pattern: str) -> None:
    """Exponential in a backtracking engine: the limit of time ends it, and what is not decided does not match."""
    assert TIME_LIMIT < 1
    assert not matcher(pattern)("a" * 5_000 + "c")


def test_a_pattern_that_cannot_be_translated_says_so() -> None:
    with pytest.raises(ValueError, match="cannot be translated"):
        translate(r"[\p{L}\S]")
