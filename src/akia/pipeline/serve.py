"""The life of a request, in the order in which it happens.

    identify -> authenticate -> parse -> authorize -> throttle -> execute -> serialize, with one event whatever happens

A Caller comes only from `authenticate`, a Grant only from `authorize`, and `execute` demands a Grant: skipping a step is a type error.
`admit` is the same sentence without `execute`; a gateway runs that half.

An operation that changes nothing is done when `serve` returns, and its answer may leave once the journal is on the disk. One that writes
comes back as a `Write`: its turn comes in a write transaction that it shares with others (`perform`), where it is authorized again if the
state has moved since.
"""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, AwsError, IDPCommunicationError, InternalFailure, ServiceUnavailable, Throttling
from akia.operation import Context, Waits
from akia.pipeline.authenticate import authenticate, authenticate_unsigned, renewed
from akia.pipeline.authorize import Grant, authorize
from akia.pipeline.denial import with_message
from akia.pipeline.execute import execute
from akia.pipeline.identify import claimed_scope, identify
from akia.pipeline.restrict import with_expiry
from akia.pipeline.throttle import throttle, with_hints
from akia.pipeline.unit import Unit
from akia.store.indexer import to_payload
from akia.wire import Unrouted, refuser_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.authority.authority import Authority
    from akia.pipeline.record import Recorder
    from akia.pipeline.request import Request
    from akia.pipeline.services import Services
    from akia.store.store import Store
    from akia.store.writer import Batch
    from akia.wire import Answer, Models

NOT_RECORDED = "The event of this call cannot be written, so it is not answered. Please try again."

log = logging.getLogger("akia.pipeline")


@dataclass(frozen=True, slots=True)
class Write:
    """What waits for its turn to write: a granted operation, or a refusal that leaves something behind."""

    unit: Unit
    grant: Grant | Exception

    def prepare(self) -> Write:
        """Do the slow part of the operation, outside any transaction; may run in another thread. Raises what the operation's `prepare`
        raises."""
        if isinstance(self.grant, Exception) or self.grant.call.operation.prepare is None:
            return self
        return replace(self, grant=replace(self.grant, prepared=self.grant.call.operation.prepare(self.grant.prepared)))

    @property
    def is_slow(self) -> bool:
        return not isinstance(self.grant, Exception) and self.grant.call.operation.prepare is not None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Serves requests. `journal` takes the events of what changes nothing; the caller of `serve` sees to it that they are on the disk
    before the answer leaves."""

    services: Services
    models: Models
    authority: Authority
    recorder: Recorder
    journal: Callable[[bytes], None]
    clock: Callable[[], float] = time.time

    def serve(self, request: Request) -> tuple[Unit, Answer | Write | Waits]:
        """The answer to `request`, or the Write that it has become. If it Waits for something from outside, it is to be served anew when
        that has been fetched; it has no event yet."""
        unit = Unit(request)
        try:
            grant = self.admit(unit)
            if grant.call.operation.writes_for(grant.params):
                self.authority.end_reading()
                return unit, Write(unit, grant)
            unit.result = execute(grant.call.operation, grant)
            answer = self._success(unit, grant)
        except Waits as waits:
            self.authority.end_reading()
            return unit, waits
        except Exception as error:
            if unit.remembered:
                self.authority.end_reading()
                return unit, Write(unit, error)
            answer = self.refuse(unit, error)
        self.authority.end_reading()
        return unit, self._recorded(unit, answer)

    def unread(self, request: Request) -> Unit:
        """What becomes of a request that is refused before anybody looks at it: all that is found out is who words the refusal."""
        claimed = claimed_scope(request)
        return Unit(request, refuser=refuser_of(self.models, request.http, claimed.service if claimed is not None else None))

    def admit(self, unit: Unit) -> Grant:
        """Who is it, and may they? Fills `unit` in as far as it comes, and raises the refusal if there is one."""
        unit.claimed = claimed_scope(unit.request)
        call = identify(unit.request, unit.claimed, self.models, self.services)
        if isinstance(call, Unrouted):
            unit.refuser = call.refuser
            raise call.error
        unit.call, unit.refuser = call, call.routed.service
        self.authority.begin_reading()
        if call.routed.operation.unsigned:
            unit.params = call.routed.parse()
            unit.caller = authenticate_unsigned(call, unit.params, self.authority)
        else:
            unit.caller = authenticate(call, self.authority)
            unit.params = call.routed.parse()
        context = self._context(unit, self.authority.store)
        unit.grant = authorize(call, context, unit.params, unit.params, unit.judged)
        throttle(unit.grant, self.authority.limits, unit)
        gather = call.operation.gather
        if gather is not None:
            unit.grant = replace(unit.grant, prepared=gather(context, unit.params))
        return unit.grant

    def perform(self, write: Write, batch: Batch) -> Answer:
        """Do a granted write inside `batch`. The answer may leave when the batch has been committed.

        A refusal undoes what the operation has written, and keeps its event and what is to be remembered of it. Raises ServiceUnavailable
        if the batch itself is lost.
        """
        unit, grant = write.unit, write.grant
        try:
            if isinstance(grant, Exception):
                raise grant
            with batch.operation() as store:
                current = self._current(unit, grant, store)
                unit.result = execute(grant.call.operation, current)
                answer = self._success(unit, grant)
                self._enter(unit, store)
        except Exception as error:
            if batch.is_lost:
                raise
            unit.result = None
            answer = self.refuse(unit, self._remembered(unit, batch, error))
            self._enter(unit, batch.store)
        return answer

    def _remembered(self, unit: Unit, batch: Batch, error: Exception) -> Exception:
        """Write what the refusal `error` is to leave behind. The refusal to tell: a failure to write, if there is one, so that no guess is
        answered that was not counted."""
        try:
            for remember in unit.remembered:
                with batch.operation() as store:
                    remember(store)
        except Exception as failure:
            if batch.is_lost:
                raise
            return failure
        return error

    def _success(self, unit: Unit, grant: Grant) -> Answer:
        answer = grant.call.routed.operation.success(unit.result, unit.request.facts.request_id, accept_json=unit.accepts_json)
        return with_expiry(answer, unit)

    def refuse(self, unit: Unit, error: Exception) -> Answer:
        """The answer that tells `error`, in the protocol of the call. What is not AWS's error is a bug: it is logged, and told as
        InternalFailure."""
        if not isinstance(error, AwsError):
            log.error("internal failure in request %s: %s", unit.request.facts.request_id, _without_values(error))
            error = InternalFailure("The request processing has failed because of an unknown error, exception or failure.")
        unit.error = _without_frames(error)
        answer = with_expiry(unit.refuser.error(error, unit.request.facts.request_id, accept_json=unit.accepts_json), unit)
        if isinstance(error, Throttling):
            return with_hints(answer, error, unit)
        return with_message(answer, unit, self.authority.messages) if isinstance(error, AccessDenied) else answer

    def refuse_and_record(self, unit: Unit, error: Exception) -> Answer:
        """`refuse`, for a request that had no turn, or lost it: its event goes to the journal."""
        unit.result = None
        return self._recorded(unit, self.refuse(unit, error))

    def gave_up(self, unit: Unit) -> Answer:
        """What a caller is told whose request waited for something from outside, again and again."""
        return self.refuse_and_record(unit, IDPCommunicationError("The identity provider cannot be reached. Please try again."))

    def not_recorded(self, unit: Unit) -> Answer:
        """What a caller is told instead of an answer whose event cannot be kept."""
        return self.refuse(unit, ServiceUnavailable(NOT_RECORDED))

    def _recorded(self, unit: Unit, answer: Answer) -> Answer:
        """`answer`, now that its event is on its way to the journal. No event, no answer."""
        try:
            payloads = [to_payload(event) for event in self.recorder.events(unit, self.clock())]
        except Exception as error:
            log.error("no event of request %s: %s", unit.request.facts.request_id, _without_values(error))
            return self.not_recorded(unit)
        for payload in payloads:
            self.journal(payload)
        return answer

    def _enter(self, unit: Unit, store: Store) -> None:
        """Put the event of a write beside it, in the same transaction."""
        for event in self.recorder.events(unit, self.clock()):
            store.outbox.add(to_payload(event))

    def _current(self, unit: Unit, grant: Grant, store: Store) -> Grant:
        """`grant`, or a new one if the state that it was decided on has moved (no gap between deciding and doing). Raises the refusal."""
        assert unit.caller is not None
        changes = store.changes.since(grant.generation)
        if changes:
            unit.caller = renewed(unit.caller, self.authority, store, {subject for _, subject in changes})
            unit.judged = []
        context = self._context(unit, store)
        if not changes:
            return replace(grant, context=context)
        return authorize(grant.call, context, grant.params, grant.prepared, unit.judged)

    def _context(self, unit: Unit, store: Store) -> Context:
        assert unit.caller is not None
        facts = unit.request.facts
        return Context(unit.caller, store, int(facts.received), facts, self.authority, unit.judged, remembered=unit.remembered)


def _without_frames(error: AwsError) -> AwsError:
    """`error` as it is kept with its unit. Its traceback leads to frames that hold the unit: in a cycle, the request and its body would
    wait for the garbage collector, which seldom comes."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


def _without_values(error: Exception) -> str:
    """For the log: what kind of exception, raised where; not its text, which may quote input (NT-67)."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
