"""What access keys have called: the sums of the job, and the events that it has not come past, told together."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from akia.identity import key_calls as limits
from akia.identity.key_calls import HOUR_MS, OTHERS, CallSum, Combination, KeyUse
from akia.jobs.count_key_calls import step
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from akia.identity.access_key import AccessKey
    from akia.store.store import Store

ACCOUNT, KEY = "111122223333", "AKIAALICE00000000001"
DAY_MS = 24 * HOUR_MS
EVER = (0, 2**31)
pytestmark = pytest.mark.covers("X16", "I6.keys.usage")


def event(number: int, at_ms: int, *, name: str = "ListUsers", key: str = KEY, **more: str) -> EventRow:
    """A verified call, from `address`, by `agent`; `code` is its error's."""
    record = json.dumps({"sourceIPAddress": more.get("address", "10.0.0.1"), "userAgent": more.get("agent", "aws-cli")})
    code, account = more.get("code", ""), more.get("account", ACCOUNT)
    return EventRow(f"e{number}", "r", account, at_ms, name, "iam.amazonaws.com", "u", key, True, True, code, "us-east-1", record, "[]")


def told(store: Store, days: tuple[int, int] = EVER) -> dict[Combination, CallSum]:
    return dict(store.key_calls.page(ACCOUNT, KEY, days))


def count_all(store: Store, most: int = 200) -> None:
    while step(store, most):
        pass


LIST = Combination("iam", "ListUsers", "us-east-1", "10.0.0.1", "aws-cli")


def test_calls_are_told_whether_they_are_summed_up_or_not(store: Store) -> None:
    store.events.add([event(1, 5), event(2, 9, code="AccessDenied"), event(3, 7, name="GetUser")])
    expected = {LIST: CallSum(2, 1, 5, 9), LIST._replace(action="GetUser"): CallSum(1, 0, 7, 7)}
    assert told(store) == expected
    assert step(store, 2) and told(store) == expected
    assert step(store) and told(store) == expected
    assert not step(store)
    assert store.key_calls.total(ACCOUNT, KEY, EVER) == CallSum(3, 1, 5, 9)
    assert store.key_calls.others(ACCOUNT, KEY, EVER) is None
    store.events.add([event(4, 3)])
    assert told(store)[LIST] == CallSum(3, 1, 3, 9)


def test_nt_93_who_only_claims_a_key_leaves_no_trace_in_its_history(store: Store) -> None:
    claimed = event(1, 5)._replace(verified=False)
    store.events.add([claimed, event(2, 5, key="ASIASESSION000000001"), event(3, 5, account="444455556666"), event(4, 5, key="")])
    for _ in range(2):
        assert told(store) == {} and store.key_calls.total(ACCOUNT, KEY, EVER) is None
        assert not store.key_calls.any(ACCOUNT, KEY)
        count_all(store)


def test_a_record_may_tell_neither_address_nor_agent(store: Store) -> None:
    store.events.add([event(1, 5)._replace(record='{"userAgent":null}')])
    assert list(told(store)) == [LIST._replace(address="", agent="")]
    count_all(store)
    assert list(told(store)) == [LIST._replace(address="", agent="")]


def test_the_last_use_tells_who_and_from_where_and_an_older_call_that_comes_late_changes_nothing(store: Store, key: AccessKey) -> None:
    def used() -> KeyUse | None:
        listed = store.key_listing.one(ACCOUNT, key.id)
        assert listed is not None
        return listed.used

    assert used() is None
    store.events.add([event(1, 5, address="10.0.0.9", agent="a" * 300)])
    latest = KeyUse(5, "iam", "us-east-1", "10.0.0.9", "a" * 256, "ListUsers")
    assert used() == latest
    store.events.add([event(2, 4, name="GetUser")])
    assert used() == latest
    store.events.add([event(3, 6)._replace(record="no JSON")])
    assert used() == KeyUse(6, "iam", "us-east-1", "", "", "ListUsers")
    assert store.key_listing.one("444455556666", key.id) is None


def test_a_range_of_days_counts_whole_days(store: Store) -> None:
    store.events.add([event(day, day * DAY_MS + 1) for day in range(1, 5)])
    for _ in range(2):
        assert told(store, (2, 3))[LIST] == CallSum(2, 0, 2 * DAY_MS + 1, 3 * DAY_MS + 1)
        assert told(store, (5, 9)) == {}
        count_all(store)


def test_pages_put_together_are_all_combinations(store: Store) -> None:
    store.events.add([event(number, number, name=f"Op{number:02}", address=f"10.0.0.{number % 3}") for number in range(20)])
    step(store, 11)
    found, after = [], OTHERS
    while page := store.key_calls.page(ACCOUNT, KEY, EVER, after, 3):
        found += page
        after = page[-1][0]
    assert [what.action for what, _ in found] == [f"Op{number:02}" for number in range(20)]


def _what(each: EventRow) -> tuple[str, str]:
    return each.name, json.loads(each.record)["sourceIPAddress"]


def test_x16_every_history_equals_a_slow_count(store: Store) -> None:
    """Random events, random steps of the job: the answer is that of counting every event."""
    chance = random.Random(16)  # not for secrets
    every: list[EventRow] = []
    for number in range(400):
        name, address, code = chance.choice(["A", "B"]), chance.choice(["1", "2", "3"]), chance.choice(["", "", "AccessDenied", "NoSuch"])
        every.append(event(number, chance.randrange(10 * DAY_MS), name=name, address=address, code=code))
        store.events.add([every[-1]])
        if chance.random() < 0.1:
            step(store, chance.randrange(1, 30))
        if number % 50 == 0:
            first = chance.randrange(10)
            days = first, chance.randrange(first, 10)
            inside = [each for each in every if days[0] <= each.at_ms // DAY_MS <= days[1]]
            calls = Counter(map(_what, inside))
            denied = Counter(_what(each) for each in inside if each.error_code == "AccessDenied")
            got = told(store, days)
            assert {(what.action, what.address): total.calls for what, total in got.items()} == calls
            assert {(what.action, what.address): total.denials for what, total in got.items() if total.denials} == denied


def test_beyond_so_many_combinations_a_day_the_rest_are_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.store.trail.key_calls.COMBINATIONS_A_DAY", 3)
    store.events.add([event(number, number, agent=f"agent-{number}") for number in range(5)])
    count_all(store)
    assert sorted(what.agent for what in told(store)) == ["agent-0", "agent-1", "agent-2"]
    others = store.key_calls.others(ACCOUNT, KEY, EVER)
    assert others is not None and others.calls == 2
    store.events.add([event(9, DAY_MS + 9, agent="tomorrow"), event(10, 10, agent="agent-0")])
    count_all(store)
    assert {what.agent: total.calls for what, total in told(store).items()} == {"agent-0": 2, "agent-1": 1, "agent-2": 1, "tomorrow": 1}
    assert store.key_calls.total(ACCOUNT, KEY, EVER) == CallSum(7, 0, 0, DAY_MS + 9)


def test_beyond_so_many_combinations_the_oldest_days_are_added_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.store.trail.key_calls.COMBINATIONS", 4)
    store.events.add([event(number, number // 2 * DAY_MS + number, agent=f"agent-{number}") for number in range(7)])
    count_all(store)
    assert sorted(what.agent for what in told(store)) == ["agent-4", "agent-5", "agent-6"]
    assert store.key_calls.others(ACCOUNT, KEY, (0, 0)) == CallSum(2, 0, 0, 1)
    assert store.key_calls.total(ACCOUNT, KEY, EVER) == CallSum(7, 0, 0, 3 * DAY_MS + 6)


def test_who_floods_a_history_cannot_blur_yesterday_in_one_day() -> None:
    assert limits.COMBINATIONS >= 10 * limits.COMBINATIONS_A_DAY


def test_the_last_hours_are_counted_whether_summed_up_or_not(store: Store) -> None:
    at = [10 * HOUR_MS - 1, 10 * HOUR_MS, 11 * HOUR_MS, 12 * HOUR_MS]
    store.events.add([event(number, at_ms, code="AccessDenied" if number == 2 else "") for number, at_ms in enumerate(at)])

    def counted() -> tuple[int, int]:
        calls, denials = store.key_calls.since(ACCOUNT, KEY, 10)
        more, more_denials = store.key_calls.unsummed(ACCOUNT, 10).get(KEY, (0, 0))
        return calls + more, denials + more_denials

    for most in (1, 1, 1, 1, 1):
        assert counted() == (3, 1)
        step(store, most)
    store.key_calls.forget_hours(11)
    assert counted() == (2, 1)


def test_the_history_outlives_events_and_key(store: Store) -> None:
    store.events.add([event(1, 5)])
    count_all(store)
    store.connection.execute("DELETE FROM events")
    assert told(store) == {LIST: CallSum(1, 0, 5, 5)}
    assert store.key_calls.any(ACCOUNT, KEY)
