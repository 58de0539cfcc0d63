"""`/metrics`: on its own address, for GET only, one of several workers telling for all; and what requests count as."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.http.edge import Served, run
from tests.served import free_port

from akia.aws.errors import AccessDenied, InternalFailure, NoSuchEntity, ServiceUnavailable, Throttling
from akia.http.metrics_listener import LONGEST_HEAD, MetricsListener
from akia.http.outcomes import kind_of, outcome_of
from akia.jobs.figures import Figures
from akia.jobs.ship_events import ShipEvents
from akia.jobs.worker_figures import STALE_SECONDS, WorkerFigures
from akia.metrics.exposition import Sample
from akia.pipeline.unit import Unit
from akia.store.only_one import OnlyOne
from akia.wire import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


def listening(tmp_path: Path, test: Callable[[int], Awaitable[None]], page: Callable[[], bytes] = lambda: b"akia_info 1\n") -> None:
    async def main() -> None:
        port = free_port()
        task = asyncio.create_task(MetricsListener("127.0.0.1", port, OnlyOne(tmp_path / "lock"), page).run())
        try:
            await asyncio.wait_for(test(port), 30)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


async def ask(port: int, request: bytes = b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n") -> bytes:
    for _ in range(200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.02)
            continue
        writer.write(request)
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()
    raise AssertionError("nobody listens")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /metrics HTTP/1.1", b"200"),
        (b"GET /metrics?name[]=a HTTP/1.1", b"200"),
        (b"GET / HTTP/1.1", b"404"),
        (b"GET /healthz HTTP/1.1", b"404"),
        (b"POST /metrics HTTP/1.1", b"405"),
        (b"HEAD /metrics HTTP/1.1", b"405"),
    ],
)
def test_one_path_is_told_and_nothing_else(request_line: bytes, status: bytes, tmp_path: Path) -> None:
    async def test(port: int) -> None:
        answer = await ask(port, request_line + b"\r\nhost: a\r\n\r\n")
        assert answer.split(b" ")[1] == status
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"Content-Length: %d\r\n" % len(body) in head
        assert (body == b"akia_info 1\n") == (status == b"200")

    listening(tmp_path, test)


def test_rubbish_ends_the_connection_and_not_the_listener(tmp_path: Path) -> None:
    async def test(port: int) -> None:
        for rubbish in (b"\x16\x03\x01\r\n\r\n", b"G" * (3 * LONGEST_HEAD), b"\r\n\r\n"):
            assert b"200" not in await ask(port, rubbish)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        assert await reader.read() == b""
        assert b" 200 OK" in await ask(port)

    listening(tmp_path, test)


def test_figures_that_cannot_be_made_are_a_503(tmp_path: Path) -> None:
    def broken() -> bytes:
        raise ServiceUnavailable("secret")

    async def test(port: int) -> None:
        answer = await ask(port)
        assert b" 503 " in answer
        assert b"secret" not in answer

    listening(tmp_path, test, broken)


def test_one_worker_listens_and_the_next_one_when_it_ends(tmp_path: Path) -> None:
    first = OnlyOne(tmp_path / "lock")
    assert first.take()

    async def test(port: int) -> None:
        await asyncio.sleep(0.1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        first.release()
        assert b" 200 OK" in await ask(port)

    listening(tmp_path, test)


def test_the_workers_figures_are_told_by_worker_and_what_is_left_of_dead_ones_is_not(tmp_path: Path) -> None:
    ours = WorkerFigures(tmp_path, lambda: [Sample("akia_events_recorded_total", (), 3)], alone=False)
    theirs = WorkerFigures(tmp_path, lambda: [Sample("akia_sink_up", (("sink", "a"),), 1)], alone=False)
    theirs._path = tmp_path / "99999.json"
    theirs.write()
    ours.write()
    (tmp_path / "77777.json").write_text("[[")
    (tmp_path / "88888.json").write_text(json.dumps([["akia_info", [], 1]]))
    long_ago = (tmp_path / "88888.json").stat().st_mtime - STALE_SECONDS - 1
    os.utime(tmp_path / "88888.json", (long_ago, long_ago))
    lines = [line for line in ours.page().decode().splitlines() if line[0] != "#"]
    assert lines == [f'akia_events_recorded_total{{worker="{os.getpid()}"}} 3', 'akia_sink_up{worker="99999",sink="a"} 1']
    assert not (tmp_path / "88888.json").exists()
    assert (tmp_path / "99999.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "known", "stranger"),
    [
        (None, "ok", "ok"),
        (AccessDenied("a"), "denied", "unverified"),
        (NoSuchEntity("a"), "rejected", "unverified"),
        (Throttling("a"), "throttled", "throttled"),
        (ServiceUnavailable("a"), "unavailable", "unavailable"),
        (InternalFailure("a"), "failed", "failed"),
    ],
)
def test_each_way_to_end_is_an_outcome(error: Any, known: str, stranger: str) -> None:
    unit: Any = Unit(request=None)  # type: ignore[arg-type]
    unit.error = error
    assert outcome_of(unit) == stranger
    unit.caller = object()
    assert outcome_of(unit) == known


def test_a_request_counts_once_and_is_told_with_everything_else(akia: Any, tmp_path: Path) -> None:
    """By what AWS calls it, never by what a client has written."""

    async def test(served: Served) -> None:
        for path in (b"/", b"/?Action=ListUsers&Version=2010-05-08", b"/<script>"):
            await served(HttpRequest(b"GET", path.partition(b"?")[0], path.partition(b"?")[2], [(b"host", b"iam")], b""))
        counts = served.edge._requests

        async def do(_: Any) -> None: ...

        shipping = ShipEvents((), tmp_path, akia.akia.store, do)
        figures = Figures(counts, akia.akia.recorder, akia.akia.indexer, akia.akia.authority, akia.akia.store, shipping)
        told = {(sample.name, sample.labels): sample.value for sample in figures.samples()}
        requests = {labels: value for (name, labels), value in told.items() if name == "akia_requests_total"}
        assert sum(requests.values()) == 3
        assert {dict(labels)["outcome"] for labels in requests} == {"unverified"}
        assert all(dict(labels)["service"] in {"unknown", "iam", "s3"} for labels in requests)
        assert told["akia_events_recorded_total", ()] == 3
        assert told["akia_events_indexed_total", ()] == 0
        assert 0 < told["akia_journal_lag_seconds", ()] < 60
        assert told["process_resident_memory_bytes", ()] > 10_000_000
        akia.akia.authority.drain()
        assert akia.akia.indexer.oldest(akia.akia.store) is None
        assert akia.akia.indexer.moved == 3

    run(akia.akia, test)
    assert kind_of(Unit(request=None)) == ("unknown", "unknown", "ok")  # type: ignore[arg-type]
