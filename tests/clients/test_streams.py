"""A served akia that sends its events to every kind of sink at once, each away for a while under load; and what real programs and vendors'
own libraries make of what they get: rsyslog over TLS, Datadog's test agent for OTLP, the parsers of the formats.

No vendor's intake can be reached from a test: those of Datadog, New Relic and Sumo Logic are stand-ins that keep to the documented limits.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.outbound.server import LOOPBACK, authority
from tests.served import Served, free_port, serve
from tests.sinks import intakes
from tests.sinks.conftest import event, maker
from tests.sinks.front import tls_before
from tests.sinks.receivers import SINKS, DatadogAgent, Rsyslog, figures, library, until
from tests.sinks.test_intakes import KINDS, SECRET, made

from akia.outbound.client import OutboundClient
from akia.sinks import Undelivered
from akia.sinks.syslog import Syslog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    authority(folder, "127.0.0.1")
    return folder


@pytest.fixture
def certificate(tls: Path) -> Path:
    return tls


@pytest.fixture
def sink(tmp_path: Path, tls: Path) -> Callable[..., Any]:
    return maker(tmp_path, tls)


# --- rsyslog ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("F9")
def test_rsyslog_reads_every_message_and_confirms_with_a_closure_alert(tls: Path, tmp_path: Path) -> None:
    server = Rsyslog(tmp_path, tls)
    server.start()
    try:
        sink = Syslog(OutboundClient(LOOPBACK, authorities=tls / "ca.pem"), "127.0.0.1", server.port, hostname="akia.example")
        large = event(3, padding="x" * 200_000)
        sink.send([event(1), event(2, error="AccessDenied"), large])
        until(lambda: len(server.messages) == 3)
    finally:
        server.stop()
    heads, texts = zip(*(line.split("\ufeff") for line in server.messages), strict=True)
    assert [head.split(" [")[0] for head in heads] == [f"CreateUser 13 {severity} akia akia.example" for severity in (5, 4, 5)]
    assert list(texts) == [event(1).record, event(2, error="AccessDenied").record, large.record]


def test_rsyslog_with_gnutls_gives_no_alert_so_its_plain_end_must_be_asked_for(tls: Path, tmp_path: Path) -> None:
    server = Rsyslog(tmp_path, tls, "gtls")
    server.start()
    try:
        client = OutboundClient(LOOPBACK, authorities=tls / "ca.pem")
        with pytest.raises(Undelivered, match="does not confirm"):
            Syslog(client, "127.0.0.1", server.port).send([event(1)])
        Syslog(client, "127.0.0.1", server.port, needs_alert=False).send([event(2)])
        until(lambda: len(server.messages) == 2)
    finally:
        server.stop()
    assert server.event_ids == ["id-1", "id-2"]  # the first one had come, and would have come again


# --- vendors' libraries -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def posted(sink: Any, certificate: Path) -> Callable[[str], intakes.Posted]:
    """What a sink of a kind posts for three events."""

    def post(kind: str) -> intakes.Posted:
        with intakes.serving(certificate, KINDS[kind][0]) as intake:
            made(sink, kind, intake.url).send([event(1), event(2, error="AccessDenied"), event(3, account="210987654321")])
            return intake.taken[0]

    return post


@pytest.mark.parametrize(
    ("kind", "key_header"),
    [
        pytest.param("datadog", "dd-api-key", marks=pytest.mark.covers("F10")),
        pytest.param("newrelic", "api-key", marks=pytest.mark.covers("F11")),
    ],
)
def test_the_vendors_own_client_posts_what_we_post(kind: str, key_header: str, posted: Any, certificate: Path) -> None:
    ours = posted(kind)
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        told = {"port": intake.port, "ca": str(certificate / "ca.pem"), "key": intakes.KEY, "body": json.loads(ours.body)}
        assert library(kind, told) == 202
        (theirs,) = intake.taken
    assert json.loads(ours.body) == json.loads(theirs.body)
    same = (key_header, "content-encoding", "content-type")
    assert (ours.path, *map(ours.headers.get, same)) == (theirs.path, *map(theirs.headers.get, same))


@pytest.mark.covers("F9")
def test_the_definition_of_otlp_reads_every_member(posted: Any) -> None:
    read = library("otlp", {"body": json.loads(posted("otlp").body)})
    assert [(one["account"], one["severity"], one["time"]) for one in read] == [
        ("123456789012", 9, 1_700_000_000_001_000_000),
        ("123456789012", 13, 1_700_000_000_002_000_000),
        ("210987654321", 9, 1_700_000_000_003_000_000),
    ]
    assert read[1]["body"] == event(2, error="AccessDenied").record


def test_the_library_of_standard_webhooks_verifies_the_signature(posted: Any) -> None:
    ours = posted("webhook")
    read = library("webhook", {"secret": SECRET, "raw": ours.body.decode(), "headers": ours.headers})
    assert read["data"]["Records"][0] == json.loads(event(1).record)


@pytest.mark.covers("F9")
def test_datadogs_test_agent_takes_otlp_and_gives_it_back(sink: Any, certificate: Path, tmp_path: Path) -> None:
    agent = DatadogAgent(tmp_path)
    try:
        agent.start()
        with tls_before(agent.port, certificate) as port:
            made(sink, "otlp", f"https://127.0.0.1:{port}").send([event(1), event(2)])
        told = agent.records
    finally:
        agent.stop()
    assert [one["body"]["stringValue"] for one in told] == [event(1).record, event(2).record]


# --- everything at once -----------------------------------------------------------------------------------------------------------


@contextmanager
def away(intake: intakes.Intake) -> Iterator[None]:
    intake.down = 503, {"Retry-After": "1"}, b""
    yield
    intake.down = None


@pytest.mark.covers("F9", "F10", "F11", "F12")
def test_every_sink_gets_every_event_although_each_was_away_under_load(tls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, all seven kinds of sinks, calls going on all the time. Each sink is away for some seconds; the file is moved; akia
    itself is killed once. Nothing is missing anywhere; what came twice is known by its id."""
    home, metrics = tmp_path / "home", free_port()
    (home / "copy").mkdir(parents=True)
    syslog = Rsyslog(tmp_path, tls)
    monkeypatch.setenv("INTAKE_KEY", intakes.KEY)
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    (home / "key").write_text(intakes.KEY + "\n")
    options = ["--sinks", str(home / "sinks.toml"), "--outbound-allowed-network", LOOPBACK[0]]
    options += ["--metrics-listen", f"127.0.0.1:{metrics}", "--workers", "2"]
    with ExitStack() as held:
        at = {kind: held.enter_context(intakes.serving(tls, rule)) for kind, (rule, _, _) in KINDS.items()}
        (home / "sumo.url").write_text(at["sumologic"].url + intakes.SUMO_PATH)
        urls = {kind: intake.url for kind, intake in at.items()}
        (home / "sinks.toml").write_text(SINKS.format(tls=tls, home=home, syslog=syslog.port, **urls))
        held.callback(syslog.stop)
        syslog.start()
        akia = serve(home, *options)
        held.callback(lambda: akia.kill() if akia.process.poll() is None else None)
        with ExitStack() as some_away:
            load(akia, 60)
            for intake in at.values():
                some_away.enter_context(away(intake))
            syslog.stop()
            load(akia, 150)
            (home / "copy/events.jsonl").rename(home / "copy/events.jsonl.1")
            until(lambda: figures(metrics).get(("akia_sink_up", (("sink", "datadog"),))) == 0)
            # Only indexed events count for the lag, and indexing may still be under way.
            until(lambda: figures(metrics)["akia_sink_lag_events", (("sink", "datadog"),)] > 100)
            until(lambda: figures(metrics)["akia_sink_lag_events", (("sink", "file"),)] == 0)
            until(lambda: figures(metrics).get(("akia_sink_failures_total", (("sink", "syslog"),)), 0) > 0)
        syslog.start()
        load(akia, 60)
        akia.kill()
        akia = serve(home, *options, port=akia.port)
        load(akia, 60)
        ids = every_event(akia)
        assert len(ids) > 330

        def copied() -> list[str]:
            lines = [line for path in sorted((home / "copy").iterdir()) for line in path.read_text().splitlines()]
            return [json.loads(line)["eventID"] for line in lines]

        got: dict[str, Callable[[], list[str]]] = {kind: lambda intake=intake: intake.event_ids for kind, intake in at.items()}  # type: ignore[misc]
        got |= {"syslog": lambda: syslog.event_ids, "file": copied}
        for kind, arrived in got.items():
            until(lambda arrived=arrived: ids <= set(arrived()), lambda kind=kind, arrived=arrived: (kind, len(ids - set(arrived()))))  # type: ignore[misc]
        doubles = {kind: len(arrived()) - len(set(arrived())) for kind, arrived in got.items()}
        print(f"{len(ids)} events, repeated: {doubles}", file=sys.stderr)
        until(lambda: figures(metrics)["akia_sink_lag_events", (("sink", "otlp"),)] == 0)
        told = figures(metrics)
        assert told["akia_requests_total", (("access", "Permissions management"), ("outcome", "ok"), ("service", "iam"))] >= 20
        assert told["akia_requests_total", (("access", "List"), ("outcome", "ok"), ("service", "iam"))] >= 20
        assert akia.stop() == 0
        assert_without_secrets(home)


def load(akia: Served, calls: int) -> None:
    """Calls that read and calls that write, on four connections."""
    iam = akia.client("iam")
    start = time.monotonic_ns()

    def call(number: int) -> None:
        iam.create_user(UserName=f"u{start}-{number}") if number % 3 == 0 else iam.list_users(MaxItems=1)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(calls)))


def every_event(akia: Served) -> set[str]:
    """The ids of all events, without those that the question itself makes."""
    pages = (
        akia.client("cloudtrail")
        .get_paginator("lookup_events")
        .paginate(LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "iam.amazonaws.com"}])
    )
    return {found["EventId"] for page in pages for found in page["Events"]}


def assert_without_secrets(home: Path) -> None:
    """NT-67: what sinks are sent with is in no log and no file of akia's."""
    secrets = [secret.encode() for secret in (intakes.KEY, SECRET, intakes.SUMO_PATH)]
    looked_at = [home / "log", *(path for path in (home / "data").rglob("*") if path.is_file())]
    for path in looked_at:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), path
