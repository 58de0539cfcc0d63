"""Queries of event data stores are run beside requests, each in a process of its own (`akia.querying`), a few at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable
from akia.identity.lake_query import FAILED, FINISHED, RUNNING, LakeQuery
from akia.jobs.deliver_results import DeliverResults
from akia.jobs.fill_event_data_stores import FillEventDataStores
from akia.querying.question import Limits, Question, Table
from akia.querying.run import Answer, run
from akia.trail.selectors import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from akia.authority.authority import Authority
    from akia.jobs.periodic import Do
    from akia.querying.run import Piece
    from akia.store.writer import Batch, Writer

EVERY_SECONDS = 0.5
LEASE_SECONDS = 30
RENEW_SECONDS = 5
DELIVERY_SECONDS = 600
"""For how long whoever delivers results may be taken to be alive. Two who deliver the same do no harm."""
AT_ONCE = 2
"""Queries that a worker runs at once."""
STEP_BYTES = 1_048_576

log = logging.getLogger("akia.jobs")


class RunQueries:
    """Reads with the store of `authority`; `directory` is for what the processes put on the disk meanwhile. `clock` answers epoch
    seconds."""

    _deliveries_asked_for = 0
    """When there was no delivery that somebody had left undone: epoch seconds."""

    def __init__(self, authority: Authority, directory: Path, limits: Limits | None = None, clock: Callable[[], float] = time.time) -> None:
        self._authority = authority
        self._directory = directory
        self._limits = limits or Limits()
        self._clock = clock
        self._myself = secrets.token_hex(8)

    async def run(self, do: Do) -> None:
        """Until cancelled. `do` runs a piece of work in a shared write transaction. A store that cannot be written is tried again."""
        running: set[asyncio.Task[None]] = set()
        try:
            self._sweep()
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                with suppress(ServiceUnavailable):
                    running = {task for task in running if not task.done()}
                    for query in self._waiting(AT_ONCE - len(running)):
                        running.add(asyncio.create_task(self._carefully(query, do)))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _sweep(self) -> None:
        """What a worker that was killed has left on the disk goes, unless its query is still to be run."""
        with suppress(ServiceUnavailable):
            for left in self._directory.iterdir() if self._directory.is_dir() else ():
                query = self._authority.store.lake_queries.get(left.name)
                if query is None or query.status != RUNNING:
                    shutil.rmtree(left, ignore_errors=True)

    async def once(self, do: Do) -> None:
        """Every query that waits, one after the other."""
        while waiting := self._waiting(1):
            await self._carefully(waiting[0], do)

    def take_turn(self, writer: Writer) -> None:
        """Every query that waits is run, at once. For an akia without a loop."""
        if not self._waiting(1):
            return
        thread = Thread(target=lambda: asyncio.run(self.once(partial(_alone, writer))))  # the caller may have a loop of its own
        thread.start()
        thread.join()

    def _waiting(self, most: int) -> Sequence[LakeQuery]:
        """Queries to be run, and if there are none those whose results are to be delivered: these are asked for rarely."""
        if most <= 0:
            return ()
        queries, now = self._authority.store.lake_queries, int(self._clock())
        found = queries.waiting(now, most)
        if not found and not 0 <= now - self._deliveries_asked_for < LEASE_SECONDS:
            found = queries.undelivered(now, most)
            self._deliveries_asked_for = 0 if found else now
        return found

    async def _carefully(self, query: LakeQuery, do: Do) -> None:
        try:
            await (self._run(query, do) if query.is_active else self._deliver(query, do))
        except ServiceUnavailable as error:
            log.warning("the query %s waits: %s", query.id, error.detail or error.message)
        except Exception as error:
            log.error("the query %s failed: %s", query.id, type(error).__name__)  # not its text, which may quote the statement (NT-67)
            now = self._authority.store.lake_queries.get(query.id)
            if now is not None and now.is_active:
                failed = replace(now, status=FAILED, error="The query could not be run.")
                await do(lambda batch: batch.store.lake_queries.advance(now, failed))

    async def _run(self, query: LakeQuery, do: Do) -> None:
        held = replace(query, status=RUNNING, holder=self._myself, until=int(self._clock()) + LEASE_SECONDS)
        if not await do(partial(_take, query, held)):
            return  # another worker has it
        self._authority.drain()  # every call that was answered before the query was started
        store = self._authority.store
        stores = [found for store_id in query.stores if (found := store.event_data_stores.get(store_id)) is not None and not found.deleted]
        await FillEventDataStores(store, do).fill(stores)
        now = int(self._clock())
        tables = tuple(Table(each.id, each.categories == {ACTIVITY}, max(0, each.kept_from_ms(now))) for each in stores)
        directory = self._directory / query.id
        shutil.rmtree(directory, ignore_errors=True)  # of somebody who was interrupted
        directory.mkdir(mode=0o700, parents=True)
        try:
            question = Question(query.statement, tables, str(store.connection.path.absolute()), str(directory), self._limits)
            held, answer = await self._answered(held, question, do)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        await self._keep(held, answer, do)

    async def _answered(self, held: LakeQuery, question: Question, do: Do) -> tuple[LakeQuery, Answer]:
        """The query as it is held at the end, and its answer. It is given up when somebody cancels it."""
        given_up = Event()
        answering = asyncio.create_task(asyncio.to_thread(run, question, given_up.is_set))
        try:
            while not (await asyncio.wait([answering], timeout=RENEW_SECONDS / 5))[0]:
                if self._is_lost(held):
                    given_up.set()
                elif held.until - self._clock() < LEASE_SECONDS - RENEW_SECONDS:
                    held = await self._renewed(held, do)
            return held, answering.result()
        finally:
            given_up.set()

    def _is_lost(self, held: LakeQuery) -> bool:
        now = self._authority.store.lake_queries.get(held.id)
        return now is None or (now.status, now.holder) != (RUNNING, self._myself)

    async def _renewed(self, held: LakeQuery, do: Do) -> LakeQuery:
        longer = replace(held, until=int(self._clock()) + LEASE_SECONDS)
        return longer if await do(lambda batch: batch.store.lake_queries.advance(held, longer)) else held

    async def _keep(self, held: LakeQuery, answer: Answer, do: Do) -> None:
        """What was answered, in steps, and then that it was."""
        if answer.kind == "internal":
            log.error("the query %s failed: %s", held.id, answer.error)
        done = replace(
            held,
            status=answer.status,
            columns=answer.columns,
            rows=answer.rows if answer.status == FINISHED else 0,
            until=int(self._clock()) + DELIVERY_SECONDS,
            scanned=answer.scanned,
            scanned_bytes=answer.bytes,
            milliseconds=answer.milliseconds,
            error="The query could not be run." if answer.kind == "internal" else answer.error,
            delivery_status=held.delivery_status if answer.status == FINISHED or not held.delivery else "CANCELLED",
        )
        for pieces in _steps(answer.pieces if answer.status == FINISHED else ()):
            if not await do(partial(_keep_pieces, held, pieces)):
                return  # it was cancelled, or another worker has it
        if await do(lambda batch: batch.store.lake_queries.advance(held, done)) and done.is_undelivered:
            await self._results(do).deliver(done)

    async def _deliver(self, query: LakeQuery, do: Do) -> None:
        """Deliver what another worker has left, or this one before it was interrupted."""
        mine = replace(query, holder=self._myself, until=int(self._clock()) + DELIVERY_SECONDS)
        if await do(lambda batch: batch.store.lake_queries.advance(query, mine)):
            await self._results(do).deliver(mine)

    def _results(self, do: Do) -> DeliverResults:
        return DeliverResults(self._authority.store, self._authority.buckets, do, self._clock)


def _steps(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces in as many parts as there are to be transactions."""
    steps: list[list[Piece]] = []
    size = STEP_BYTES
    for piece in pieces:
        if size + len(piece.body) > STEP_BYTES:
            steps.append([])
            size = 0
        steps[-1].append(piece)
        size += len(piece.body)
    return steps


def _take(query: LakeQuery, held: LakeQuery, batch: Batch) -> bool:
    """Take a query, whose results so far, if somebody has died over it, count no more."""
    taken = batch.store.lake_queries.advance(query, held)
    if taken:
        batch.store.lake_queries.forget_results(query.id)
    return taken


def _keep_pieces(held: LakeQuery, pieces: Sequence[Piece], batch: Batch) -> bool:
    """Keep them, if the query is still held by whoever has answered it."""
    if batch.store.lake_queries.get(held.id) != held:
        return False
    for piece in pieces:
        batch.store.lake_queries.keep(held.id, piece.first, piece.rows, piece.body)
    return True


async def _alone(writer: Writer, work: Callable[[Batch], Any]) -> Any:
    with writer.alone() as batch:
        return work(batch)
