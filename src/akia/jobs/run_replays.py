"""Replays go on beside requests: a hundred events a step, each step shorter than anybody notices."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import orjson

from akia.aws.errors import ServiceUnavailable
from akia.identity.replay import ReplayStatus
from akia.jobs.periodic import repeat
from akia.jobs.recorded_request import recorded_requests
from akia.jobs.replaying import Replaying
from akia.store.drafts.recorded_events import Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.authority.authority import Authority
    from akia.identity.replay import Replay, ReplayResult
    from akia.jobs.periodic import Do
    from akia.store.drafts.recorded_events import Position
    from akia.store.writer import Batch, Writer

EVERY_SECONDS = 1.0
STEP_EVENTS = 100
PAUSE_SECONDS = 0.005

log = logging.getLogger("akia.jobs")


@dataclass(frozen=True, slots=True)
class Step:
    """The progress of a replay `before` and `after` some events, and what they gave."""

    before: Replay
    after: Replay
    results: list[ReplayResult]

    def enter(self, batch: Batch) -> bool:
        """Write it, unless somebody else has moved or ended the replay meanwhile: another worker, which is left to do the rest then."""
        return batch.store.replays.advance(self.before, self.after, self.results)


class RunReplays:
    """Decides with `authority`, at `clock`'s time."""

    def __init__(self, authority: Authority, clock: Callable[[], float] = time.time) -> None:
        self._authority = authority
        self._clock = clock

    async def run(self, do: Do) -> None:
        """Until cancelled. `do` runs a piece of work in a shared write transaction."""
        await repeat(partial(self.once, do), EVERY_SECONDS, "replays wait")

    async def once(self, do: Do) -> None:
        """Every step that there is to take, with pauses for requests that wait."""
        step = self.step()
        while step is not None and await do(step.enter):
            await asyncio.sleep(PAUSE_SECONDS)
            step = self.step()

    def take_turn(self, writer: Writer) -> None:
        """One step, if there is one to take; a store that cannot be written keeps it waiting. For an akia without a loop."""
        with suppress(ServiceUnavailable):
            step = self.step()
            if step is not None:
                with writer.alone() as batch:
                    step.enter(batch)

    def step(self) -> Step | None:
        """The next step of the oldest replay that is not done, yet to be kept; None if there is none."""
        running = self._authority.store.replays.running()
        return self._step(running[0]) if running else None

    def _step(self, replay: Replay) -> Step:
        self._authority.begin_reading()
        try:
            if not replay.position:
                self._authority.drain_journals()  # every request that was answered before the replay began
            return self._examined(replay)
        except ServiceUnavailable:
            raise
        except Exception as error:
            log.error("replay %s failed: %s", replay.id, type(error).__name__)  # not its text, which may quote what was recorded (NT-67)
            return Step(replay, self._ended(replay, ReplayStatus.FAILED), [])
        finally:
            self._authority.end_reading()

    def _examined(self, replay: Replay) -> Step:
        recorded = self._authority.store.recorded_events
        period = Period(replay.account, replay.principal_id, replay.start_ms, replay.end_ms)
        position = _position(replay) or period.start
        events = recorded.page(period, position, STEP_EVENTS)
        replaying = Replaying(self._authority, replay)
        results = [result for event in events for result in replaying.results(recorded_requests(event))]
        tally = replaying.tally
        after = replace(
            replay,
            position=orjson.dumps(events[-1].position if events else position).decode(),
            total=replay.total if replay.position else recorded.count(period),
            examined=replay.examined + len(events),
            decisions=replay.decisions + tally.decisions,
            unanswerable=replay.unanswerable + tally.unanswerable,
            outdated=replay.outdated + tally.outdated,
            newly_allowed=replay.newly_allowed + tally.newly_allowed,
            newly_denied=replay.newly_denied + tally.newly_denied,
        )
        return Step(replay, after if len(events) == STEP_EVENTS else self._ended(after, ReplayStatus.COMPLETED), results)

    def _ended(self, replay: Replay, status: ReplayStatus) -> Replay:
        return replace(replay, status=status.value, ended=int(self._clock()))


def _position(replay: Replay) -> Position | None:
    """Where it stands; None before its first step."""
    if not replay.position:
        return None
    principal, at_ms, event_id = orjson.loads(replay.position)
    return principal, at_ms, event_id
