"""Old events end a few at a time, whole, and not before everybody who goes through the events has passed them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.store.test_store_events import ACCOUNT, KEY, NOON, OTHER, event, ids

from akia.aws.errors import ServiceUnavailable
from akia.identity.account import Account
from akia.jobs.trim_events import DAY_MS, STEP_EVENTS, TrimEvents
from akia.store.trail.lookup import Attribute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.store.store import Store

pytestmark = pytest.mark.covers("I5.retention")

DECIDED = '[{"principalId":"AIDAALICE","principalArn":"arn","action":"iam:GetUser","resources":["*"],"outcome":"allowed"}]'


def fill(store: Store, count: int, **columns: Any) -> None:
    columns = {"decision": DECIDED, "resources": (("AWS::IAM::User", "Alice"), ("AWS::IAM::Role", "r"))} | columns
    store.events.add([event(number, **columns) for number in range(count)])


def left(store: Store, account: str = ACCOUNT) -> list[int]:
    return sorted(ids(store.events.lookup(account, limit=10_000)))


def test_events_before_the_moment_go_oldest_first_and_no_more_than_asked(empty: Store) -> None:
    fill(empty, 10)
    assert empty.event_retention.trim(ACCOUNT, NOON + 5_000, 3) == 3
    assert left(empty) == [3, 4, 5, 6, 7, 8, 9]
    assert empty.event_retention.trim(ACCOUNT, NOON + 5_000, 3) == 2
    assert empty.event_retention.trim(ACCOUNT, NOON + 5_000, 3) == 0
    assert left(empty) == [5, 6, 7, 8, 9]


def test_their_entries_in_the_indexes_go_with_them_and_no_others(empty: Store) -> None:
    fill(empty, 4)
    empty.event_retention.trim(ACCOUNT, NOON + 2_000, 10)
    for attribute, value in ((Attribute.RESOURCE_NAME, "Alice"), (Attribute.RESOURCE_TYPE, "AWS::IAM::Role")):
        assert ids(empty.events.lookup(ACCOUNT, attribute, value)) == [3, 2]
    assert empty.connection.execute("SELECT count(*) FROM event_resources") == [(4,)]
    assert empty.connection.execute("SELECT count(*) FROM event_principals") == [(2,)]


def test_another_accounts_events_stay(empty: Store) -> None:
    fill(empty, 3)
    empty.events.add([event(number, account=OTHER) for number in range(10, 13)])
    assert empty.event_retention.trim(OTHER, NOON + DAY_MS, 10) == 2
    assert (left(empty), left(empty, OTHER)) == ([0, 1, 2], [12])


def test_when_a_key_was_last_used_outlives_the_event_that_told_of_it(empty: Store) -> None:
    fill(empty, 3)
    used = empty.events.last_used(KEY)
    assert used is not None
    empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10)
    assert empty.events.last_used(KEY) == used


def test_what_a_reader_has_not_passed_stays(empty: Store) -> None:
    fill(empty, 6)
    numbers = [entry.number for entry in empty.event_stream.after(0, 10)]
    empty.event_stream.advance("sink/quick", numbers[4])
    empty.event_stream.advance("sink/slow", numbers[1])
    assert empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10) == 2
    assert left(empty) == [2, 3, 4, 5]
    empty.event_stream.advance("sink/slow", numbers[3])
    empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10)
    assert left(empty) == [4, 5]
    empty.event_stream.forget("sink/slow")
    empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10)
    assert left(empty) == [5]


def test_no_number_is_given_out_again(empty: Store) -> None:
    """The newest event stays: else the next one had its number, and a reader that has passed it would never see that."""
    fill(empty, 3)
    newest = empty.event_stream.newest()
    empty.event_stream.advance("sink/datadog", newest)
    empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10)
    assert empty.event_stream.newest() == newest
    empty.events.add([event(100)])
    assert ids([entry.event for entry in empty.event_stream.after(newest, 10)]) == [100]


def job(store: Store, days: int, now: float, first: Callable[[], Awaitable[None]] | None = None) -> TrimEvents:
    async def do(work: Callable[[Any], Any]) -> Any:
        return work(SimpleNamespace(store=store))

    async def nobody() -> None:
        pass

    return TrimEvents(days, store, do, first or nobody, lambda: now)


def test_the_job_removes_everything_that_is_too_old_in_steps(empty: Store) -> None:
    for account in (ACCOUNT, OTHER):
        empty.accounts.add(Account(account, account, 1))
    fill(empty, 2 * STEP_EVENTS + 5)
    empty.events.add([event(number, account=OTHER) for number in range(9_000, 9_003)])
    now = NOON // 1000 + 10 * 86_400
    assert asyncio.run(job(empty, 11, now).once()) == 0
    assert asyncio.run(job(empty, 5, now).once()) == 2 * STEP_EVENTS + 5 + 2
    assert (left(empty), left(empty, OTHER)) == ([], [9_002])


def test_zero_days_is_for_ever(empty: Store) -> None:
    empty.accounts.add(Account(ACCOUNT, "a", 1))
    fill(empty, 5)
    forever = job(empty, 0, NOON)
    assert asyncio.run(forever.once()) == 0
    asyncio.run(asyncio.wait_for(forever.run(), 1))
    assert len(left(empty)) == 5


def test_old_events_are_found_by_an_index(empty: Store) -> None:
    from akia.store.trail.retention import _OLD

    steps = [row[-1] for row in empty.connection.execute(f"EXPLAIN QUERY PLAN {_OLD.sqlite}", account="a", before_ms=1, seen=1, limit=1)]
    assert len(steps) == 1 and steps[0].startswith("SEARCH events USING INDEX ix_events_account_at_ms"), steps


def test_who_has_begun_keeps_what_it_has_not_passed_and_begins_once(empty: Store) -> None:
    fill(empty, 4)
    assert empty.event_stream.begin("sink/new") == 0
    assert empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10) == 0
    newest = empty.event_stream.newest()
    assert empty.event_stream.begin("sink/late", from_now=True) == newest
    empty.event_stream.advance("sink/new", newest)
    empty.events.add([event(number) for number in range(10, 12)])
    assert empty.event_stream.begin("sink/new") == empty.event_stream.begin("sink/late", from_now=True) == newest
    assert empty.event_retention.trim(ACCOUNT, NOON + DAY_MS, 10) == 4
    assert left(empty) == [10, 11]


def test_nothing_is_removed_before_everybody_who_is_configured_has_begun(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first round is at the very start, when a new sink may wait for its lock or for the store."""
    empty.accounts.add(Account(ACCOUNT, "a", 1))
    fill(empty, 6)
    refusals, rounds = [ServiceUnavailable("", detail="busy")], asyncio.Event()

    async def first() -> None:
        if refusals:
            raise refusals.pop()
        empty.event_stream.begin("sink/new")
        rounds.set()

    async def main() -> None:
        task = asyncio.create_task(job(empty, 1, NOON // 1000 + 10 * 86_400, first).run())
        await asyncio.wait_for(rounds.wait(), 10)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    monkeypatch.setattr(TrimEvents, "every", 0.01)
    asyncio.run(main())
    assert left(empty) == [0, 1, 2, 3, 4, 5]
