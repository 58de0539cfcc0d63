"""When the answer to a read may leave: once its event is on the disk. All that wait share one write.

One thread writes the journal while the event loop goes on serving. After a batch of more than one event it pauses for a moment before the
next, so that under load many events share one write; a client that waits alone is never held up.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

PAUSE_SECONDS = 0.002
"""How long events gather under load. Bounded by what a client does not notice beside its own round trip."""

Waiting = list["asyncio.Future[None]"]


class Writable(Protocol):
    """What is written: the journal."""

    def take(self) -> list[bytes]: ...

    def write(self, waiting: Sequence[bytes], /) -> None: ...


class Flusher:
    """Owns the thread. `safe` belongs to the event loop's thread, as does appending to the journal."""

    def __init__(self, journal: Writable, loop: asyncio.AbstractEventLoop, pause: Callable[[float], None] = time.sleep) -> None:
        self._journal = journal
        self._loop = loop
        self._pause = pause
        self._lock = threading.Lock()
        self._something = threading.Event()
        self._waiting: Waiting = []
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="akia-journal", daemon=True)
        self._thread.start()

    def safe(self) -> asyncio.Future[None]:
        """A future that is done when everything appended so far is on the disk; it raises OSError if the disk refused.

        Each caller has one of its own: who gives up waiting takes nobody with it.
        """
        done = self._loop.create_future()
        with self._lock:
            self._waiting.append(done)
            if len(self._waiting) == 1:
                self._something.set()
        return done

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._closing = True
        self._something.set()
        self._thread.join()

    def _run(self) -> None:
        gathered = 0
        refused: OSError | None = None
        while not self._closing or self._waiting:
            self._something.wait()
            if gathered > 1:
                self._pause(PAUSE_SECONDS)
            with self._lock:
                self._something.clear()
                batch, waiting, self._waiting = self._journal.take(), self._waiting, []
            gathered = len(batch)
            failure = self._write(batch)
            if waiting and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_settle, waiting, failure or refused)
            refused = failure  # an event may be taken a moment before its request asks whether it is safe: that one must learn of it too

    def _write(self, batch: list[bytes]) -> OSError | None:
        try:
            self._journal.write(batch)
        except OSError as error:
            return error
        return None


def _settle(waiting: Waiting, failure: OSError | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)
