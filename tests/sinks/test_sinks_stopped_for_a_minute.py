"""Each sink was stopped for a minute under load and lost nothing: one akia as a user starts it, all seven kinds of sinks at once, calls all
the time. Two of the receivers are real programs: rsyslog, and Datadog's test agent for OTLP.

What is stopped is really gone: processes ended, sockets closed, the file's directory moved away. One receiver hangs in place of that: its
port is open, and nobody answers. All this is one run, of a minute and of what akia waits, at most a minute more, until it tries again.
"""

from __future__ import annotations

import http.client
import json
import socket
import sqlite3
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from tests.attacks.signer import Signer, forged, form
from tests.outbound.server import LOOPBACK, authority
from tests.served import Served, children, free_port, serve
from tests.sinks import intakes
from tests.sinks.front import tls_before
from tests.sinks.receivers import PATIENCE_SECONDS, SINKS, DatadogAgent, Rsyslog, figures, until
from tests.sinks.test_intakes import KINDS as INTAKES
from tests.sinks.test_intakes import SECRET

from akia.outbound.client import SECONDS
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.wire import HttpRequest

KINDS = (*INTAKES, "syslog", "file")
HANGS = "webhook"
SECONDS_AWAY = 60.0
LONGEST_UNTIL_THE_NEXT_TRY = 60.0
FEWEST_A_SECOND = 5
"""Calls that any machine answers while the whole suite runs on it; an idle one of 2026 answers seventy."""
ONE_DELIVERY_EACH = 48_000_000
"""Bytes of memory that the deliveries of seven sinks may take at once: some 12 MB of records, their objects and what is made of them."""
CLIENTS = 4
PAUSE_SECONDS = 0.04
TAGS = {
    f"Tags.member.{number}.{part}": text
    for number in range(1, 51)
    for part, text in (("Key", f"tag{number}"), ("Value", f"{number:03}" + "v" * 250))
}
"""Of one call of TagUser: some 16 kilobytes in its event, so that it would show if events waited in memory."""

pytestmark = pytest.mark.covers("F9", "F10", "F11", "F12", "I5.streams.minute")


class Receiver(Protocol):
    """Where a sink sends to. `taken` are the records that it has got in all its lives, in order, repetitions included."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def taken(self) -> list[dict[str, Any]]: ...


class Vendor:
    """A stand-in for a vendor's intake (tests.sinks.intakes)."""

    def __init__(self, tls: Path, kind: str, port: int) -> None:
        self._tls, self._rule, self._port = tls, INTAKES[kind][0], port
        self._held = ExitStack()
        self._lives: list[intakes.Intake] = []

    def start(self) -> None:
        self._lives.append(self._held.enter_context(intakes.serving(self._tls, self._rule, self._port)))

    def stop(self) -> None:
        self._held.close()

    def taken(self) -> list[dict[str, Any]]:
        return [record for life in self._lives for posted in life.taken for record in intakes.records(posted)]


class Agent:
    """Datadog's test agent behind TLS. What it has taken it knows until it ends: it is asked once nothing reaches it any more."""

    def __init__(self, folder: Path, tls: Path, port: int) -> None:
        self._agent, self._tls, self._port = DatadogAgent(folder), tls, port
        self._front = ExitStack()
        self._before: list[dict[str, Any]] = []

    def start(self) -> None:
        self._agent.start()
        self._front.enter_context(tls_before(self._agent.port, self._tls, self._port))

    def stop(self) -> None:
        self._front.close()
        self._before = self.taken()
        self._agent.stop()

    def taken(self) -> list[dict[str, Any]]:
        now = [json.loads(one["body"]["stringValue"]) for one in self._agent.records] if self._agent.is_running else []
        return self._before + now


class Server:
    """rsyslog, by the file that it writes."""

    def __init__(self, folder: Path, tls: Path, port: int) -> None:
        self._rsyslog = Rsyslog(folder, tls, port=port)
        self.start, self.stop = self._rsyslog.start, self._rsyslog.stop

    def taken(self) -> list[dict[str, Any]]:
        return self._rsyslog.records


class Copy:
    """A file, whose directory is moved away."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._away = directory, directory.with_suffix(".away")
        directory.mkdir()

    def start(self) -> None:
        if self._away.exists():
            self._away.rename(self._directory)

    def stop(self) -> None:
        self._directory.rename(self._away)

    def taken(self) -> list[dict[str, Any]]:
        found = (self._away if self._away.exists() else self._directory) / "events.jsonl"
        return [json.loads(line) for line in found.read_text().splitlines()] if found.exists() else []


@contextmanager
def reserved(kinds: tuple[str, ...]) -> Iterator[dict[str, int]]:
    """A port for each receiver, which nobody else on this machine gets while the receiver is stopped: it is bound all the time."""
    with ExitStack() as held:
        found = {}
        for kind in kinds:
            own = held.enter_context(socket.socket())
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so that the receiver can bind it, too
            own.bind(("127.0.0.1", 0))
            found[kind] = own.getsockname()[1]
        yield found


@dataclass(frozen=True)
class Answered:
    """A call: what it was, how it went, when it began and how long it took (seconds)."""

    kind: str
    status: int
    began: float
    took: float


@dataclass
class Load:
    """Clients that call and call until they are told to end. `answered` is by request id."""

    port: int
    administrator: Signer
    nobody: Signer
    answered: dict[str, Answered] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()

    def _client(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        turn = 0
        while not self.ended.wait(PAUSE_SECONDS):
            kind, request = self._request(number, turn)
            turn += 1
            began = time.monotonic()
            connection.request("POST", "/", request.body, {name.decode(): value.decode() for name, value in request.headers})
            answer = connection.getresponse()
            answer.read()
            took = time.monotonic() - began
            self.answered[answer.headers["x-amzn-RequestId"]] = Answered(kind, answer.status, began, took)
        connection.close()

    def _request(self, client: int, turn: int) -> tuple[str, HttpRequest]:
        match turn % 5:
            case 0:
                return "write", self.administrator.header(form("CreateUser", UserName=f"u{client}-{turn}"))
            case 1:
                return "read", self.administrator.header(form("GetUser", UserName="nobody"))
            case 2:
                return "large", self.administrator.header(form("TagUser", UserName="nobody", **TAGS))
            case 3:
                return "denied", self.nobody.header(form("ListUsers"))
            case _:
                return "forged", forged(self.nobody.header(form("ListUsers")))


EXPECTED = {("write", 200), ("read", 200), ("large", 200), ("denied", 403), ("forged", 403)}


@dataclass
class Run:
    """What came of it. `before` and `most` are akia's own memory in bytes, before the receivers were stopped and at most while they were;
    `waiting` is what `lag_events` said of each sink at the end of the minute."""

    answered: dict[str, Answered]
    stopped: float
    started: float
    before: int
    most: int
    waiting: dict[str, float]
    was_up: dict[str, float]
    taken_meanwhile: dict[str, int]
    taken: dict[str, list[dict[str, Any]]]
    lag: dict[str, float]
    events: list[tuple[str, str, int, int]]
    """Request id, event id, time, length of the record, in the trail's order."""


def memory(akia: Served) -> int:
    """Bytes of the memory that belongs to akia's processes alone, all together."""
    total = 0
    for pid in (akia.process.pid, *children(akia.process.pid)):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
    return total


def of_sinks(metrics: int, name: str) -> dict[str, float]:
    """A figure of each sink."""
    told = figures(metrics)
    return {kind: told.get((name, (("sink", kind),)), -1.0) for kind in KINDS}


def load_on(akia: Served) -> Load:
    iam = akia.client("iam")
    iam.create_user(UserName="nobody")
    made = iam.create_access_key(UserName="nobody")["AccessKey"]
    return Load(akia.port, Signer.of(akia.administrator), Signer.of(KeyPair(made["AccessKeyId"], made["SecretAccessKey"])))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("minute")
    tls, home, metrics = folder / "tls", folder / "home", free_port()
    home.mkdir()
    authority(tls, "127.0.0.1")
    with ExitStack() as held:
        ports = held.enter_context(reserved(tuple(kind for kind in KINDS if kind != "file")))
        patched = held.enter_context(pytest.MonkeyPatch.context())
        receivers: dict[str, Receiver] = {kind: Vendor(tls, kind, ports[kind]) for kind in INTAKES if kind != "otlp"}
        receivers |= {
            "otlp": Agent(folder, tls, ports["otlp"]),
            "syslog": Server(folder, tls, ports["syslog"]),
            "file": Copy(home / "copy"),
        }
        for receiver in receivers.values():
            held.callback(receiver.stop)
            receiver.start()
        patched.setenv("INTAKE_KEY", intakes.KEY)
        patched.setenv("HOOK_SECRET", SECRET)
        akia = serve(home, *settings(home, tls, ports), "--metrics-listen", f"127.0.0.1:{metrics}", "--workers", "2")
        held.callback(lambda: akia.kill() if akia.process.poll() is None else None)
        found = minute(akia, metrics, receivers, ports[HANGS])
        assert akia.stop() == 0
    yield found


def settings(home: Path, tls: Path, ports: dict[str, int]) -> list[str]:
    """The options for an akia that sends to every kind of sink."""
    urls = {kind: f"https://127.0.0.1:{port}" for kind, port in ports.items() if kind != "syslog"}
    (home / "key").write_text(intakes.KEY + "\n")
    (home / "sumo.url").write_text(urls["sumologic"] + intakes.SUMO_PATH)
    (home / "sinks.toml").write_text(SINKS.format(tls=tls, home=home, syslog=ports["syslog"], **urls))
    return ["--sinks", str(home / "sinks.toml"), "--outbound-allowed-network", LOOPBACK[0]]


def minute(akia: Served, metrics: int, receivers: dict[str, Receiver], hangs: int) -> Run:
    load = load_on(akia)
    with load.going_on():
        until(lambda: all(receiver.taken() for receiver in receivers.values()) and len(load.answered) > 200)
        before, stopped = memory(akia), time.monotonic()
        for receiver in receivers.values():
            receiver.stop()
        had, most = {kind: len(receiver.taken()) for kind, receiver in receivers.items()}, before
        with socket.create_server(("127.0.0.1", hangs)):  # accepts nobody
            while time.monotonic() < stopped + SECONDS_AWAY:
                most = max(most, memory(akia))
                time.sleep(0.5)
            waiting, was_up = of_sinks(metrics, "akia_sink_lag_events"), of_sinks(metrics, "akia_sink_up")
        have = {kind: len(receiver.taken()) for kind, receiver in receivers.items()}
        started = time.monotonic()
        for receiver in receivers.values():
            receiver.start()
        until(
            lambda: all(of_sinks(metrics, "akia_sink_up").values()),
            lambda: of_sinks(metrics, "akia_sink_up"),
            seconds=LONGEST_UNTIL_THE_NEXT_TRY + 2 * PATIENCE_SECONDS,
        )
    until(
        lambda: not any(of_sinks(metrics, "akia_sink_lag_events").values()),
        lambda: of_sinks(metrics, "akia_sink_lag_events"),
        seconds=2 * PATIENCE_SECONDS,
    )
    with sqlite3.connect(akia.data / "akia.db") as database:
        events = database.execute("SELECT request_id, event_id, at_ms, length(record) FROM events ORDER BY rowid").fetchall()
    taken = taken_in_the_end(receivers, {event_id for _, event_id, _, _ in events})
    meanwhile = {kind: have[kind] - had[kind] for kind in receivers}
    lag = of_sinks(metrics, "akia_sink_lag_seconds")
    repeated = {kind: len(records) - len({record["eventID"] for record in records}) for kind, records in taken.items()}
    slowest = max(call.took for call in load.answered.values() if stopped <= call.began < started)
    print(
        f"{len(events)} events, slowest call {slowest:.2f} s, waiting: {waiting}, repeated: {repeated}, memory: {before} to {most} bytes",
        file=sys.stderr,
    )
    return Run(load.answered, stopped, started, before, most, waiting, was_up, meanwhile, taken, lag, events)


def taken_in_the_end(receivers: dict[str, Receiver], ids: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Syslog's receipt says that a server has read, not that it has written: it is given time. All others have confirmed already."""

    def came() -> bool:
        return ids <= {record["eventID"] for record in receivers["syslog"].taken()}

    until(came)
    return {kind: receiver.taken() for kind, receiver in receivers.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sink_that_was_stopped_for_a_minute_under_load_lost_nothing(run: Run, kind: str) -> None:
    assert run.started - run.stopped >= SECONDS_AWAY
    assert (run.was_up[kind], run.taken_meanwhile[kind]) == (0, 0), "it was not away"
    got = [(record["requestID"], record["eventID"]) for record in run.taken[kind]]
    requests = {request_id for request_id, _ in got}
    assert [what for request_id, what in run.answered.items() if request_id not in requests] == []
    assert {event_id for _, event_id in got} == {event_id for _, event_id, _, _ in run.events}
    assert run.lag[kind] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_twice_is_told_by_its_id_and_the_order_is_the_trails(run: Run, kind: str) -> None:
    once: dict[str, dict[str, Any]] = {}
    for record in run.taken[kind]:
        assert once.setdefault(record["eventID"], record) == record
    assert list(once) == [event_id for _, event_id, _, _ in run.events]
    assert len({record["requestID"] for record in once.values()}) == len(once), "a call twice"


def test_calls_of_every_kind_went_on_all_the_time_and_none_waited_for_a_sink(run: Run) -> None:
    """A try of a receiver that hangs takes ten seconds. No call took as long, and in no ten seconds of the minute was there none."""
    assert {(call.kind, call.status) for call in run.answered.values()} == EXPECTED
    meanwhile = [call for call in run.answered.values() if run.stopped <= call.began < run.started]
    assert max(call.took for call in meanwhile) < SECONDS * 0.8
    assert len({int(call.began - run.stopped) // 10 for call in meanwhile}) >= SECONDS_AWAY // 10
    assert len(meanwhile) > FEWEST_A_SECOND * SECONDS_AWAY


def test_what_waited_waited_in_the_trail_and_not_in_memory(run: Run) -> None:
    """Each sink had thousands of events before it; had they been held in memory, it had grown by as many bytes as waited, and more."""
    assert min(run.waiting.values()) > FEWEST_A_SECOND * SECONDS_AWAY
    lengths = [length for *_, length in run.events]
    waited = sum(count * sum(lengths) / len(lengths) for count in run.waiting.values())
    assert run.most - run.before < max(waited / 2, ONE_DELIVERY_EACH)
