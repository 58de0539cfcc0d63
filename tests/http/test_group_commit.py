"""Group commit: those who wait share one transaction, and learn together whether it is safe."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.errors import ServiceUnavailable
from akia.http.disk import Disk
from akia.http.group_commit import MOST, GroupCommit
from akia.identity.user import User
from akia.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.conftest import World

    from akia.store.writer import Batch

pytestmark = pytest.mark.covers("I2.store.group_commit")


def run(akia: World, test: Callable[[GroupCommit, list[list[str]]], Awaitable[None]]) -> None:
    committed: list[list[str]] = []

    def told(batch: Batch) -> None:
        committed.append(list(batch.changed))
        akia.akia.committed(batch)

    async def main() -> None:
        writes = GroupCommit(akia.akia.writer, told, Disk("commit"))
        try:
            await test(writes, committed)
        finally:
            await writes.close()

    asyncio.run(main())


def add(akia: World, name: str) -> Callable[[Batch], str]:
    def work(batch: Batch) -> str:
        with batch.operation() as store:
            store.users.add(User(akia.account, "AIDAQQQQQQQQQQQ" + name.upper().rjust(6, "Q"), name, "/", 1))
            store.changes.add(name)
        return name

    return work


def names(akia: World) -> set[str]:
    return {user.name for user in akia.akia.store.users.page(akia.account, limit=1_000)}


def test_all_that_wait_share_a_transaction_and_each_gets_its_own_result(akia: World) -> None:
    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        made = [f"u{number}" for number in range(5)]
        assert await asyncio.gather(*(writes.do(add(akia, name)) for name in made)) == made
        assert committed == [made]
        assert names(akia) >= set(made)

    run(akia, test)


def test_a_batch_has_its_limit(akia: World) -> None:
    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        await asyncio.gather(*(writes.do(add(akia, f"u{number}")) for number in range(MOST + 3)))
        assert [len(batch) for batch in committed] == [MOST, 3]

    run(akia, test)


def test_nobody_learns_of_a_change_before_this_process_has_applied_it(akia: World) -> None:
    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        done = asyncio.ensure_future(writes.do(add(akia, "u")))
        done.add_done_callback(lambda _: seen.append(list(committed)))
        seen: list[Any] = []
        await done
        await asyncio.sleep(0)
        assert seen == [[["u"]]]

    run(akia, test)


@pytest.mark.parametrize("broken", ["commit", "begin_immediate"])
def test_a_batch_that_cannot_be_written_fails_for_all_and_the_next_one_goes_on(
    akia: World, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(f"akia.store.connection.Connection.{broken}", full)
            results = await asyncio.gather(*(writes.do(add(akia, name)) for name in "abc"), return_exceptions=True)
        assert [type(result) for result in results] == [ServiceUnavailable] * 3
        assert "disk is full" in str(getattr(results[0], "detail", ""))
        assert (committed, names(akia) & {"a", "b", "c"}) == ([], set())
        assert await writes.do(add(akia, "d")) == "d"

    run(akia, test)


def test_a_bug_in_a_job_undoes_its_own_work_and_fails_nobody_who_shares_its_batch(akia: World) -> None:
    def bug(batch: Batch) -> str:
        add(akia, "bug")(batch)
        batch.store.changes.add("half")
        raise KeyError("bug")

    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        results = await asyncio.gather(
            writes.do(add(akia, "a")), writes.attempt(bug), writes.attempt(add(akia, "b")), return_exceptions=True
        )
        assert [results[0], type(results[1]), results[2]] == ["a", KeyError, "b"]
        assert names(akia) & {"a", "b", "bug"} == {"a", "b"}
        assert {"a", "b"} <= set(committed[0]) and len(committed) == 1

    run(akia, test)


def test_a_batch_that_is_lost_is_lost_for_a_job_too(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        with monkeypatch.context() as patched:
            patched.setattr("akia.store.connection.Connection.commit", full)
            with pytest.raises(ServiceUnavailable):
                await writes.attempt(add(akia, "a"))
        assert committed == []

    run(akia, test)


def test_a_bug_in_one_piece_of_work_undoes_the_batch_and_ends_nothing_else(akia: World) -> None:
    def bug(batch: Batch) -> None:
        raise ZeroDivisionError

    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        results = await asyncio.gather(writes.do(add(akia, "a")), writes.do(bug), return_exceptions=True)
        assert [type(result) for result in results] == [ServiceUnavailable] * 2
        assert (committed, "a" in names(akia)) == ([], False)
        assert await writes.do(add(akia, "b")) == "b"

    run(akia, test)


def test_who_gives_up_waiting_is_written_all_the_same(akia: World) -> None:
    async def test(writes: GroupCommit, committed: list[list[str]]) -> None:
        gone, stays = asyncio.ensure_future(writes.do(add(akia, "a"))), asyncio.ensure_future(writes.do(add(akia, "b")))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == "b"
        assert names(akia) >= {"a", "b"}

    run(akia, test)


def test_closing_waits_for_what_was_begun(akia: World) -> None:
    async def main() -> None:
        writes = GroupCommit(akia.akia.writer, akia.akia.committed, Disk("commit"))
        done = asyncio.ensure_future(writes.do(add(akia, "last")))
        await asyncio.sleep(0)
        await writes.close()
        assert await done == "last"

    asyncio.run(main())
    assert "last" in names(akia)
