"""The loop of the jobs: whatever goes wrong with a round, there is a next one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.errors import ServiceUnavailable
from akia.jobs.periodic import Periodic, repeat

if TYPE_CHECKING:
    from collections.abc import Coroutine

WAIT = 10.0


class Rounds:
    """What a job does, and how far it has come: each round takes the next of `outcomes`, and the one after them never ends."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self._outcomes = list(outcomes)
        self.done = asyncio.Event()
        self.begun = 0

    async def __call__(self) -> None:
        self.begun += 1
        if not self._outcomes:
            self.done.set()
            await asyncio.Event().wait()
        outcome = self._outcomes.pop(0)
        if outcome is not None:
            raise outcome


async def until_done(job: Coroutine[Any, Any, None], rounds: Rounds) -> None:
    task = asyncio.create_task(job)
    await asyncio.wait_for(rounds.done.wait(), WAIT)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_round_that_fails_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        rounds = Rounds(None, ServiceUnavailable("", detail="the disk is full"), KeyError("a mistake of ours"), None)
        await until_done(repeat(rounds, 0.0, "nothing is counted"), rounds)
        return rounds.begun

    assert asyncio.run(main()) == 5
    assert "nothing is counted: the disk is full" in caplog.text
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]


@pytest.mark.parametrize(("at_once", "pauses"), [(True, 0), (False, 1)])
def test_the_first_round_comes_after_a_pause_or_at_once(monkeypatch: pytest.MonkeyPatch, at_once: bool, pauses: int) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    class Job(Periodic):
        every = 3_600.0
        trouble = "nothing is done"
        begins_at_once = at_once

        async def once(self) -> None:
            await rounds()

    async def main() -> None:
        nothing: Any = None
        await until_done(Job(nothing, nothing).run(), rounds)

    rounds = Rounds()
    monkeypatch.setattr("akia.jobs.periodic.asyncio.sleep", sleep)
    asyncio.run(main())
    assert slept == [3_600.0] * pauses
