"""Serving without a socket: one request after the other, each safe when its answer is returned. For test suites in process, and for first
steps."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from akia.http.fetches import MOST_PER_REQUEST
from akia.operation import Waits
from akia.pipeline.serve import Write

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.pipeline.request import Request
    from akia.pipeline.serve import Pipeline
    from akia.pipeline.unit import Unit
    from akia.store.journal import Journal
    from akia.store.writer import Batch, Writer
    from akia.wire import Answer


class Direct:
    """The same pipeline, writer and journal as behind HTTP, without a loop. May be called from any thread; requests take turns."""

    def __init__(
        self,
        pipeline: Pipeline,
        writer: Writer,
        journal: Journal,
        committed: Callable[[Batch], None],
        afterwards: Callable[[Writer, bool], None],
    ) -> None:
        """`committed` is told of a batch that is safe; `afterwards` does, after each request, a piece of what jobs do
        elsewhere; it is told whether the request has had a turn to write."""
        self._pipeline = pipeline
        self._writer = writer
        self._journal = journal
        self._committed = committed
        self._afterwards = afterwards
        self._lock = Lock()

    def answer(self, request: Request) -> Answer:
        """The answer to `request`."""
        with self._lock:
            unit, served = self._served(request)
            answer = self._written(unit, served) if isinstance(served, Write) else served
            try:
                self._journal.write(self._journal.take())
            except OSError:
                return self._pipeline.not_recorded(unit)
            self._afterwards(self._writer, isinstance(served, Write))
            return answer

    def _served(self, request: Request) -> tuple[Unit, Answer | Write]:
        unit, answer = self._pipeline.serve(request)
        for _ in range(MOST_PER_REQUEST):
            if not isinstance(answer, Waits):
                return unit, answer
            answer.fetch()
            unit, answer = self._pipeline.serve(request)
        return (unit, self._pipeline.gave_up(unit)) if isinstance(answer, Waits) else (unit, answer)

    def _written(self, unit: Unit, write: Write) -> Answer:
        try:
            write = write.prepare()
            batch = self._writer.open()
            try:
                answer = self._pipeline.perform(write, batch)
                batch.commit()
            except BaseException:
                batch.abandon()
                raise
        except Exception as error:
            return self._pipeline.refuse_and_record(unit, error)
        self._committed(batch)
        return answer
