"""How often a guess may be made: NT-38."""

from __future__ import annotations

from akia.throttle import attempts
from akia.throttle.attempts import FREE, LONGEST_WAIT, SHORTEST_WAIT, Attempts, may_try, wait_after


def test_some_are_free_then_each_waits_twice_as_long() -> None:
    assert [wait_after(number) for number in range(FREE)] == [0] * FREE
    waits = [wait_after(number) for number in range(FREE, FREE + 8)]
    assert waits[:3] == [SHORTEST_WAIT, 2 * SHORTEST_WAIT, 4 * SHORTEST_WAIT]
    assert waits[-1] == LONGEST_WAIT == wait_after(10**9)


def test_a_day_has_few_guesses() -> None:
    """At six digits, three of which are good at any time, a year of guessing comes to one in ten."""
    now = failures = failed = guesses = 0
    while now < 86_400:
        if may_try(failures, failed, now):
            guesses, failures, failed = guesses + 1, failures + 1, now
        now += 1
    assert guesses < 120


def test_a_clock_that_goes_back_gives_nothing() -> None:
    assert not may_try(FREE, 1_000, 10)


def test_keys_are_apart_and_a_success_starts_anew() -> None:
    made = Attempts()
    for _ in range(FREE):
        made.failed("one", 100)
    assert not made.may_try("one", 100) and made.may_try("two", 100)
    assert made.may_try("one", 100 + SHORTEST_WAIT)
    made.succeeded("one")
    assert made.may_try("one", 100)


def test_after_a_long_silence_the_count_begins_anew() -> None:
    made = Attempts()
    for _ in range(20):
        made.failed("one", 100)
    made.failed("one", 100 + 2 * LONGEST_WAIT)
    assert made.may_try("one", 100 + 2 * LONGEST_WAIT)


def test_memory_is_bounded_and_strangers_share_a_count(monkeypatch: object) -> None:
    from pytest import MonkeyPatch

    with MonkeyPatch.context() as patched:
        patched.setattr(attempts, "MOST_KEYS", 3)
        made = Attempts()
        for key in ("a", "b", "c", "d", "e", "f", "g", "h"):
            made.failed(key, 100)
        assert len(made._failures) <= 4
        assert not made.may_try("x", 100)
        made.failed("y", 100 + LONGEST_WAIT)  # the others have waited long enough to be forgotten
        assert made.may_try("x", 100 + LONGEST_WAIT)
