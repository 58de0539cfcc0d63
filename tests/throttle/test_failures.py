"""The strangers whose failures are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.http.strangers import Strangers

if TYPE_CHECKING:
    import pytest


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


def test_the_memory_for_strangers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.throttle.buckets.MOST_BUCKETS", 1_000)
    strangers = Strangers(rate=1, burst=2)
    for number in range(1_010):
        strangers.failed(f"first {number}", 0.0)
    assert len(strangers._buckets._levels) <= 1_001
    strangers.failed("late", 0.0)
    assert strangers.turned_away("somebody new", 0.0), "whoever comes when there is no room shares one bucket"
    assert not strangers.turned_away("first 1", 0.0)
    strangers.failed("later still", 10.0)
    assert len(strangers._buckets._levels) < 10, "calm ones are forgotten"
