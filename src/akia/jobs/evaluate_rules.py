"""The rules go through the events beside requests, in short steps.

What rules remember, the alerts, the messages and the position are written in one transaction, so every event is looked at exactly once,
whatever is interrupted. Several workers may look at the same events; one of them writes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import orjson

from akia.alerts import Known, applied, rules, sighting
from akia.aws.errors import ServiceUnavailable
from akia.jobs.key_facts import KeyFacts
from akia.jobs.periodic import repeat
from akia.jobs.policy_verdicts import PolicyVerdicts, Unjudged
from akia.jobs.raise_alerts import RaiseAlerts
from akia.jobs.repeated_events import RepeatedEvents, signature_of
from akia.jobs.rule_memory import RuleMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akia.alerts import Finding, Rule, Sighting
    from akia.alerts_out import AlertSettings
    from akia.authority.authority import Authority
    from akia.jobs.periodic import Do
    from akia.store.trail.event_row import EventRow
    from akia.store.trail.stream import Numbered
    from akia.store.writer import Batch, Writer

READER = "alerts"
EVERY_SECONDS = 1.0
STEP_EVENTS = 256
PAUSE_SECONDS = 0.005
PRUNE_SECONDS = 3_600.0

log = logging.getLogger("akia.jobs")


@dataclass(slots=True)
class Step:
    """What the events from `before` to `after` (numbers in the stream) have given."""

    before: int
    after: int
    findings: list[Finding] = field(default_factory=list)


class EvaluateRules:
    """Looks with `authority`'s store, at `clock`'s time."""

    def __init__(self, authority: Authority, settings: AlertSettings, clock: Callable[[], float] = time.time) -> None:
        self._authority = authority
        self._clock = clock
        self._rules: list[Rule] = rules(settings.thresholds, PolicyVerdicts(), settings.off)
        self._memory = RuleMemory(authority.store)
        self._facts = KeyFacts(authority.store, frozenset(settings.honeytokens))
        self._heeding = [rule for rule in self._rules if rule.heeds_repetition]
        self._others = [rule for rule in self._rules if not rule.heeds_repetition]
        self._repeated = RepeatedEvents()
        self._raise = RaiseAlerts(settings, clock)
        self._pruned = 0.0

    async def run(self, do: Do) -> None:
        """Until cancelled. `do` runs a piece of work in a shared write transaction."""
        await repeat(partial(self.once, do), EVERY_SECONDS, "rules wait")

    async def once(self, do: Do) -> None:
        """Every step that there is to take, with pauses for requests that wait."""
        step = await self._next()
        while step is not None and await do(self._entering(step)):
            await asyncio.sleep(PAUSE_SECONDS)
            step = await self._next()
        await self._prune(do)

    def catch_up(self, writer: Writer) -> None:
        """Every step that there is to take, at once. For an akia without a loop."""
        with suppress(ServiceUnavailable):
            self._authority.drain()
            while (step := self._next_at_once()) is not None:
                with writer.alone() as batch:
                    entered = self.enter(step, batch)
                self._authority.applied(batch.changed, batch.generation)
                if not entered:
                    return

    def step(self) -> Step | None:
        """The next step, yet to be written; None if all events have been looked at. Raises Unjudged if a policy must be judged first."""
        store = self._authority.store
        self._authority.begin_reading()
        try:
            position = store.event_stream.position(READER) or 0
            events = store.event_stream.after(position, STEP_EVENTS)
            if not events:
                return None
            self._memory.begin(position)  # also forgets what a step has put that ended early
            latest = store.changes.latest()
            self._facts.begin(latest)
            self._repeated.begin(self._memory.begun, latest)
            return Step(position, events[-1].number, self._findings(events))
        finally:
            self._authority.end_reading()

    async def _next(self) -> Step | None:
        while True:
            try:
                return self.step()
            except Unjudged as waits:
                await asyncio.to_thread(waits.judge)

    def _next_at_once(self) -> Step | None:
        while True:
            try:
                return self.step()
            except Unjudged as waits:
                waits.judge()

    def enter(self, step: Step, batch: Batch) -> bool:
        """Write it, unless another worker has looked at these events meanwhile. Raises only if the whole batch is lost."""
        if (batch.store.event_stream.position(READER) or 0) != step.before:
            self._memory.forget()
            return False
        try:
            with batch.operation() as store:
                self._memory.write(store.rule_states, step.after)
                for finding in step.findings:
                    self._raise.enter(finding, store)
                store.event_stream.advance(READER, step.after)
        except Exception as error:
            self._memory.forget()
            if batch.is_lost:
                raise
            log.error("alerts are not written: %s", type(error).__name__)  # not its text, which may quote what was recorded (NT-67)
            return False
        return True

    def _entering(self, step: Step) -> Callable[[Batch], bool]:
        return lambda batch: self.enter(step, batch)

    def _findings(self, events: list[Numbered]) -> list[Finding]:
        return [finding for numbered in events for finding in self._of(numbered.event)]

    def _of(self, event: EventRow) -> list[Finding]:
        self._memory.at_ms = event.at_ms
        signature = signature_of(event)
        repeated = self._repeated.find(signature, event.at_ms)
        if repeated is not None:
            seen = repeated.sighting._replace(event_id=event.event_id, at_ms=event.at_ms)
            return self._applied(self._heeding, seen, repeated.known)
        seen = _sighting(event)
        known = self._known(seen)
        found = self._applied(self._heeding, seen, known)
        puts = self._memory.puts
        found_new = self._applied(self._others, seen, known)
        self._repeated.keep(signature, seen, known, was_new=bool(found_new) or self._memory.puts != puts)
        return [*found, *found_new]

    def _applied(self, rules: Sequence[Rule], seen: Sighting, known: Known) -> list[Finding]:
        found = []
        for rule in rules:
            try:
                finding = applied(rule, seen, known, self._memory)
            except (ServiceUnavailable, Unjudged):
                raise
            except Exception as error:  # one rule and one event never keep the others from being looked at
                log.error("the rule %s failed at the event %s: %s", rule.name, seen.event_id, type(error).__name__)
                continue
            if finding is not None:
                found.append(finding)
        return found

    def _known(self, seen: Sighting) -> Known:
        try:
            return self._facts.of(seen)
        except ServiceUnavailable:
            raise
        except Exception as error:
            log.error("nothing is known beside the event %s: %s", seen.event_id, type(error).__name__)
            return Known()

    async def _prune(self, do: Do) -> None:
        """Forget, once an hour, what rules remember of those who have not been seen for long."""
        now = self._clock()
        if now - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = now

        def work(batch: Batch) -> bool:
            for rule in self._rules:
                if rule.remembers_seconds:
                    batch.store.rule_states.forget(rule.name, int((now - rule.remembers_seconds) * 1000))
            for account in batch.store.accounts.all():
                batch.store.alerts.trim(account.id)
            return True

        await do(work)
        self._memory.forget()


def _sighting(event: EventRow) -> Sighting:
    return sighting(
        event_id=event.event_id,
        account=event.account,
        at_ms=event.at_ms,
        name=event.name,
        source=event.source,
        region=event.region,
        access_key_id=event.access_key_id,
        verified=event.verified,
        error_code=event.error_code,
        record=orjson.loads(event.record),
    )
