"""Token buckets, and the strangers who are counted in them."""

from __future__ import annotations

from akia.http.strangers import MOST_ADDRESSES, Strangers
from akia.throttle.bucket import TokenBucket


def test_a_bucket_gives_what_it_holds_and_gains_its_rate() -> None:
    bucket = TokenBucket(rate=2, burst=3)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(0.4)
    assert bucket.take(0.5)
    assert not bucket.take(0.5)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]


def test_several_tokens_are_taken_together_or_not_at_all() -> None:
    bucket = TokenBucket(rate=1, burst=5)
    assert not bucket.take(0.0, 6)
    assert bucket.take(0.0, 5)
    assert bucket.is_empty(0.0) and not bucket.is_empty(1.0)
    assert not bucket.is_full(4.9) and bucket.is_full(5.0)


def test_nt_74_setting_the_clock_back_resets_nothing() -> None:
    bucket = TokenBucket(rate=1, burst=1)
    assert bucket.take(1_000.0)
    assert not bucket.take(5.0)
    assert not bucket.take(1_000.5)
    assert bucket.take(1_001.0)


def test_only_failures_count_and_only_those_of_the_same_address() -> None:
    strangers = Strangers(rate=1, burst=2)
    for _ in range(2):
        assert not strangers.turned_away("a", 0.0)
        strangers.failed("a", 0.0)
    assert strangers.turned_away("a", 0.0)
    assert not strangers.turned_away("b", 0.0)
    assert not strangers.turned_away("a", 1.0)
    strangers.forget()
    assert not strangers.turned_away("a", 0.0)


def test_the_memory_for_strangers_is_bounded() -> None:
    strangers = Strangers(rate=1, burst=2)
    for number in range(MOST_ADDRESSES + 10):
        strangers.failed(f"first {number}", 0.0)
    assert len(strangers._buckets) <= MOST_ADDRESSES + 1
    strangers.failed("late", 0.0)
    assert strangers.turned_away("somebody new", 0.0), "whoever comes when there is no room shares one bucket"
    assert not strangers.turned_away("first 1", 0.0)
    strangers.failed("later still", 10.0)
    assert len(strangers._buckets) < 10, "calm ones are forgotten"
