"""What a bucket gives, by the numbers alone."""

from __future__ import annotations

import pytest

from akia.throttle import Allowance, BucketsInMemory, Claim, Draw, Exceeded, Limiter, NearlyUsed, Short, Taken, use

TEN = Allowance(10.0, 10.0)
DAILY = Allowance(0.0, 1.0, 5)


def claim(name: str, allowance: Allowance, scope: str = "KEY") -> Claim:
    return Claim(name, allowance, f"limit of {name}", scope, name)


def wait(outcome: Taken | Short) -> tuple[int, float]:
    """Which draw was refused, and for how many seconds."""
    assert isinstance(outcome, Short) and not outcome.of_budget
    return outcome.place, round(outcome.seconds, 6)


def taken(buckets: BucketsInMemory, allowance: Allowance, now: float, tries: int, day: int = 1) -> int:
    """How many of so many tries at one moment are granted."""
    return sum(isinstance(buckets.take([Draw("b", allowance)], now, day), Taken) for _ in range(tries))


def test_the_burst_at_once_and_then_the_rate() -> None:
    buckets = BucketsInMemory()
    assert taken(buckets, TEN, 100.0, 50) == 10
    assert sum(taken(buckets, TEN, 100.0 + tenth / 10, 5) for tenth in range(1, 101)) == 100


def test_a_refusal_says_when_there_is_a_token_again() -> None:
    buckets = BucketsInMemory()
    taken(buckets, TEN, 100.0, 10)
    assert wait(buckets.take([Draw("b", TEN)], 100.02, 1)) == (0, 0.08)


def test_all_or_none() -> None:
    buckets, narrow = BucketsInMemory(), Allowance(1.0, 1.0)
    draws = [Draw("wide", TEN), Draw("narrow", narrow)]
    assert isinstance(buckets.take(draws, 1.0, 1), Taken)
    for _ in range(20):
        assert wait(buckets.take(draws, 1.0, 1)) == (1, 1.0)
    assert buckets.level("wide", TEN, 1.0, 1).tokens == 9


def test_nt_74_a_clock_that_is_set_back_gives_nothing() -> None:
    buckets = BucketsInMemory()
    assert taken(buckets, TEN, 100.0, 50) == 10
    assert taken(buckets, TEN, 1.0, 50) == 0
    assert taken(buckets, TEN, 100.0, 50) == 0


def test_a_budget_is_of_a_day() -> None:
    buckets = BucketsInMemory()
    assert [taken(buckets, DAILY, 1.0, 9, day) for day in (7, 7, 8)] == [5, 0, 5]


def test_nt_74_going_back_a_day_gives_no_second_budget() -> None:
    buckets = BucketsInMemory()
    assert [taken(buckets, DAILY, 1.0, 9, day) for day in (8, 7, 8, 9)] == [5, 0, 0, 5]


def test_a_clock_that_was_a_year_ahead_does_not_use_up_the_budget_for_a_year() -> None:
    buckets = BucketsInMemory()
    assert [taken(buckets, DAILY, 1.0, 9, day) for day in (400, 8, 9)] == [5, 0, 5]


def test_a_budget_refuses_without_saying_when() -> None:
    buckets = BucketsInMemory()
    taken(buckets, DAILY, 1.0, 5)
    assert buckets.take([Draw("b", DAILY)], 1.0, 1) == Short(0, 0.0, of_budget=True)


def test_another_rate_counts_at_once_and_keeps_what_was_used() -> None:
    buckets = BucketsInMemory()
    assert taken(buckets, TEN, 1.0, 8) == 8
    assert taken(buckets, Allowance(5.0, 1.0), 1.0, 5) == 1


def test_another_budget_keeps_what_was_used_of_the_day() -> None:
    buckets = BucketsInMemory()
    assert taken(buckets, DAILY, 1.0, 9) == 5
    assert taken(buckets, Allowance(0.0, 1.0, 7), 1.0, 9) == 2


def test_use_is_that_of_the_rate_or_of_the_budget() -> None:
    buckets, both = BucketsInMemory(), Allowance(10.0, 10.0, 10)
    taken(buckets, both, 1.0, 4)
    assert use(both, buckets.level("b", both, 1.0, 1)) == pytest.approx(0.4)
    assert use(both, buckets.level("b", both, 9.0, 1)) == pytest.approx(0.4), "the rate has recovered, the budget has not"


def test_memory_is_bounded_and_newcomers_then_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.throttle.buckets.MOST_BUCKETS", 100)
    buckets, slow = BucketsInMemory(), Allowance(0.001, 2.0)
    for number in range(200):
        buckets.take([Draw(str(number), slow)], 1.0, 1)
    assert len(buckets._levels) == 101
    assert wait(buckets.take([Draw("newcomer", slow)], 1.0, 1)) == (0, 1000.0)
    assert isinstance(buckets.take([Draw("newcomer", slow)], 9_999.0, 1), Taken), "what is full again is forgotten"


# The limiter


def admitted(limiter: Limiter, claims: list[Claim], whose: str, now: float) -> bool:
    return not isinstance(limiter.admit(claims, whose, lambda: (now, 1)), Exceeded)


def test_large_buckets_are_drawn_from_in_small_parts_and_never_give_more() -> None:
    buckets = BucketsInMemory()
    workers = [(Limiter(buckets, 2), [claim("wide", Allowance(1000.0, 1000.0))]) for _ in range(2)]
    assert sum(admitted(*workers[turn % 2], "me", 1.0) for turn in range(3000)) == 1000
    later = sum(admitted(*workers[turn % 2], "me", 1.0 + turn / 3000) for turn in range(30_000))
    assert 9_990 <= later <= 10_000


def test_what_workers_have_at_hand_is_at_most_an_eighth_of_the_bucket() -> None:
    buckets = BucketsInMemory()
    busy, idle = Limiter(buckets, 2), Limiter(buckets, 2)
    assert admitted(idle, [claim("wide", Allowance(1000.0, 1000.0))], "me", 1.0)
    wide = [claim("wide", Allowance(1000.0, 1000.0))]
    assert sum(admitted(busy, wide, "me", 1.0) for _ in range(2000)) == 938


def test_of_a_budget_nothing_is_kept_at_hand() -> None:
    buckets = BucketsInMemory()
    first, second = Limiter(buckets, 2), Limiter(buckets, 2)
    assert admitted(first, [claim("key", Allowance(1000.0, 1000.0, 100))], "me", 1.0)
    daily = [claim("key", Allowance(1000.0, 1000.0, 100))]
    assert sum(admitted(second, daily, "me", 1.0) for _ in range(200)) == 99


def test_a_greedy_caller_leaves_the_reserve_to_modest_ones() -> None:
    limiter = Limiter(BucketsInMemory())
    shared = [claim("account", Allowance(10.0, 10.0, 0, 1.0), "ACCOUNT_OPERATION")]
    granted = {"greedy": 0, "modest": 0}
    for millisecond in range(20_000):
        now = 1.0 + millisecond / 1000
        granted["greedy"] += admitted(limiter, shared, "greedy", now)
        if millisecond % 1500 == 0:
            assert admitted(limiter, shared, "modest", now), "whoever comes once in a while always gets through"
            granted["modest"] += 1
    assert 205 <= sum(granted.values()) <= 211, "and nothing is lost by it"


@pytest.mark.covers("I6.limits.fair")
def test_one_caller_alone_has_all_of_the_rate() -> None:
    limiter = Limiter(BucketsInMemory())
    shared = [claim("account", Allowance(10.0, 10.0, 0, 1.0))]
    assert sum(admitted(limiter, shared, "me", 1.0) for _ in range(100)) == 10
    assert sum(admitted(limiter, shared, "me", 1.0 + step / 100) for step in range(1, 1001)) == 100


def test_two_lookups_at_once_are_as_many_as_aws_lets_through() -> None:
    limiter = Limiter(BucketsInMemory())
    two = [claim("cloudtrail:LookupEvents", Allowance(2.0, 2.0, 0, 1.0))]
    assert [admitted(limiter, two, "me", 1.0) for _ in range(3)] == [True, True, False]


def test_refusals_are_counted_by_limit_and_scope() -> None:
    limiter = Limiter(BucketsInMemory())
    one = [claim("k", Allowance(1.0, 1.0))]
    for _ in range(4):
        admitted(limiter, one, "me", 1.0)
    assert (limiter.refusals("limit of k"), dict(limiter.refused), dict(limiter.fullest(1.0))) == (3, {"KEY": 3}, {"KEY": 1.0})
    assert dict(limiter.fullest(100.0)) == {"KEY": 0.0}


def test_four_fifths_are_told_once() -> None:
    limiter = Limiter(BucketsInMemory())
    daily = [claim("k", Allowance(0.0, 1.0, 10))]
    told = [limiter.admit(daily, "me", lambda: (1.0, 1)) for _ in range(10)]
    assert [bool(each) for each in told] == [False] * 7 + [True] + [False] * 2
    assert told[7] == (NearlyUsed(daily[0], 0.8),)
