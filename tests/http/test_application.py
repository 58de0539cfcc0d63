"""The worker's life: it starts, serves, and puts everything away."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.signer import form

from akia.assembly import begin
from akia.http.application import Application, Running
from akia.http.strangers import Strangers
from akia.settings import Settings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Iterator

    from tests.conftest import World


@pytest.fixture(autouse=True)
def _untuned() -> Iterator[None]:
    """A worker tunes its process, which is the tests' own here."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Lifespan:
    """The server's side of the protocol."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.answered = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.answered.set()


async def served(application: Application) -> tuple[Lifespan, asyncio.Task[None]]:
    lifespan = Lifespan()
    task = asyncio.ensure_future(application({"type": "lifespan"}, lifespan.messages.get, lifespan.send))
    await lifespan.messages.put({"type": "lifespan.startup"})
    await lifespan.answered.wait()
    return lifespan, task


@pytest.mark.covers("I2.program.shutdown")
def test_a_worker_starts_serves_and_stops(akia: World) -> None:
    ended: list[str] = []

    def start(loop: AbstractEventLoop) -> Running:
        running = begin(akia.akia, Settings(akia.directory), Strangers(), {})(loop)
        running._end = lambda: ended.append("closed")
        return running

    async def main() -> None:
        application = Application(start)
        lifespan, task = await served(application)
        assert lifespan.sent == [{"type": "lifespan.startup.complete"}]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": form("ListUsers").body}

        async def send(message: Any) -> None:
            sent.append(message)

        http = form("ListUsers")
        scope = {
            "type": "http",
            "method": "POST",
            "scheme": "http",
            "raw_path": b"/",
            "query_string": b"",
            "headers": http.headers,
            "client": None,
        }
        await application(scope, receive, send)
        assert sent[0]["status"] == 403
        await lifespan.messages.put({"type": "lifespan.shutdown"})
        await task
        assert lifespan.sent[-1] == {"type": "lifespan.shutdown.complete"}
        assert ended == ["closed"]
        sent.clear()
        await application(scope, receive, send)
        assert sent == [], "nobody serves any more"
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


class Closed:
    """What is closed at the end."""

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


def test_a_job_that_fails_begins_anew_and_makes_no_end_unclean(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Else nobody would index, deliver or trim until the worker is replaced."""
    begun: list[int] = []
    again, ended = asyncio.Event(), Closed()
    writes: Any = Closed()
    flusher: Any = Closed()

    async def job() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise KeyError("bug")
        again.set()
        await asyncio.Event().wait()

    async def main() -> None:
        edge: Any = None
        running = Running(edge, writes, flusher, [job], lambda: setattr(ended, "closed", True))
        running.start()
        await again.wait()
        await running.stop()

    monkeypatch.setattr("akia.http.application.AGAIN_SECONDS", 0.0)
    asyncio.run(main())
    assert (len(begun), writes.closed, flusher.closed, ended.closed) == (3, True, True, True)
    assert caplog.text.count("a job has failed, and begins anew") == 2


@pytest.mark.covers("I2.program.readable_errors")
def test_a_worker_that_cannot_start_says_why() -> None:
    def start(loop: AbstractEventLoop) -> Running:
        raise RuntimeError("no room")

    async def main() -> None:
        lifespan, task = await served(Application(start))
        await task
        assert lifespan.sent == [{"type": "lifespan.startup.failed", "message": "no room"}]

    asyncio.run(main())


def test_other_kinds_of_connection_are_not_served(akia: World) -> None:
    async def main() -> None:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(message)

        await Application(begin(akia.akia, Settings(akia.directory), Strangers(), {}))({"type": "websocket"}, receive, send)
        assert sent == []

    asyncio.run(main())
