"""What it costs to keep account of a call: akia beside an akia that does not; and how fast events come to the disk."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from bench import population
from bench.akia_server import Authority
from bench.cases import GET_CALLER_IDENTITY, compare
from bench.contenders import KEYED, USERS, Contender
from bench.servers import Server
from bench.targets import APPENDED, AUDIT, AUDITED, JOURNALED, UNAUDITED

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bench.cases import Plan
    from bench.figures import Results

CASE = replace(GET_CALLER_IDENTITY, name=AUDIT)
QUIET_SECONDS = 1.3
"""Longer than the pause of the job that indexes events."""
IDLE = 0.02
"""CPU seconds that a server with nothing to do may use meanwhile."""

BATCHES = 400
BATCH = 64
"""Events that are written at once, as with 64 connections under load."""
EVENT = b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA2BENCHBENCHBENCHB"},' + bytes(range(32, 127)) * 11


class Settling(Server):
    """A server whose CPU is read when it has done everything that its answers have left behind."""

    def cpu_seconds(self) -> float:
        used = super().cpu_seconds()
        while True:
            time.sleep(QUIET_SECONDS)
            before, used = used, super().cpu_seconds()
            if used - before < IDLE:
                return used


def measure_cost(plan: Plan, directory: Path, results: Results) -> None:
    """Adds the case AUDIT with the servers AUDITED and UNAUDITED. Raises StartError, LoadError."""
    with ExitStack() as stack:
        audited = Authority(directory / AUDITED)
        unaudited = Authority(directory / UNAUDITED)
        both = [
            _contender(stack, AUDITED, audited, audited.running),
            _contender(stack, UNAUDITED, unaudited, lambda: unaudited.running_as("bench.unaudited")),
        ]
        for name, figures in compare(CASE, both, plan):
            results.add(AUDIT, name, figures)


def _contender(stack: ExitStack, name: str, authority: Authority, start: Callable[[], AbstractContextManager[Server]]) -> Contender:
    with authority.running() as server:
        keys = population.settle(server, authority.administrator(), USERS[:KEYED])
    life = stack.enter_context(ExitStack())

    def restart() -> Server:
        life.close()
        begun = life.enter_context(start())
        return Settling(name, begun.port, begun.child, begun.log, begun.processes)

    return Contender(restart(), keys, restart)


def measure_journal(plan: Plan, directory: Path, results: Results) -> None:
    """Adds the events a second that reach the disk in batches: by the journal, and by a plain append with an fsync of the same bytes."""
    from akia.store.journal import Journal, frame  # akia is needed only where it is measured

    directory.mkdir(parents=True, exist_ok=True)
    events = [EVENT + b"%08d" % number for number in range(BATCH)]
    framed = b"".join(map(frame, events))
    journal = Journal(directory / "journal", "bench")
    file = os.open(directory / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def journaled() -> None:
        for event in events:
            journal.append(event)
        journal.write(journal.take())

    def appended() -> None:
        os.write(file, framed)
        os.fsync(file)

    try:
        rates = [(_rate(journaled), _rate(appended)) for _ in range(plan.rounds)]
    finally:
        journal.close()
        os.close(file)
    results.values[JOURNALED], results.values[APPENDED] = map(statistics.median, zip(*rates, strict=True))


def _rate(write: Callable[[], None]) -> float:
    """Events a second, over enough batches that a journal turns its pages."""
    started = time.perf_counter()
    for _ in range(BATCHES):
        write()
    return BATCHES * BATCH / (time.perf_counter() - started)
