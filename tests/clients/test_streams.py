"""A served akia that sends its events to every kind of sink at once, each away for a while under load; and what real programs and vendors'
own libraries make of what they get: rsyslog over TLS, Datadog's test agent for OTLP, the parsers of the formats.

No vendor's intake can be reached from a test: those of Datadog, New Relic and Sumo Logic are stand-ins that keep to the documented limits.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.programs import absent
from tests.outbound.server import LOOPBACK, authority
from tests.served import Served, environment, free_port, serve
from tests.sinks import intakes
from tests.sinks.conftest import event, maker
from tests.sinks.front import tls_before
from tests.sinks.test_intakes import KINDS, SECRET, made

from akia.outbound.client import OutboundClient
from akia.sinks import Undelivered
from akia.sinks.syslog import Syslog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PYTHON = Path(__file__).parents[2] / ".venv-streams" / "bin" / "python"
PATIENCE_SECONDS = 60.0


def library(what: str, told: Any) -> Any:
    """What a vendor's library makes of `told`."""
    if not PYTHON.exists():
        absent("the vendors' libraries are not there: `make clients` or `make test` installs them")
    program = Path(__file__).with_name("vendors.py")
    done = subprocess.run([PYTHON, program, what], input=json.dumps(told), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def until(holds: Callable[[], bool], why: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


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

RSYSLOG = """
global(workDirectory="{folder}" maxMessageSize="1m" defaultNetstreamDriver="{driver}" defaultNetstreamDriverCAFile="{tls}/ca.pem"
       defaultNetstreamDriverCertFile="{tls}/chain.pem" defaultNetstreamDriverKeyFile="{tls}/key.pem")
module(load="imtcp" maxFrameSize="1000000" streamDriver.name="{driver}" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="t" type="string" string="%msgid% %syslogfacility% %syslogseverity% %app-name% %hostname% %structured-data%%msg%\\n")
*.* action(type="omfile" file="{folder}/out" template="t")
"""


class Rsyslog:
    """Debian's rsyslogd with TLS by `driver`, on a port that stays the same when it is started anew."""

    def __init__(self, folder: Path, tls: Path, driver: str = "ossl") -> None:
        program = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin") or absent("rsyslogd is not installed")
        self._driver_is_there(driver)
        self.port, self._out = free_port(), folder / "out"
        settings = folder / "rsyslog.conf"
        settings.write_text(RSYSLOG.format(folder=folder, tls=tls, driver=driver, port=self.port))
        self._command = [program, "-n", "-f", str(settings), "-i", str(folder / "pid")]
        self._process: subprocess.Popen[bytes] | None = None

    def _driver_is_there(self, driver: str) -> None:
        package = {"ossl": "openssl", "gtls": "gnutls"}[driver]
        if not list(Path("/usr/lib").glob(f"*/rsyslog/lmnsd_{driver}.so")):
            absent(f"rsyslog's driver {driver} is not installed: apt-get install rsyslog-{package}")

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._listens)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def messages(self) -> list[str]:
        return self._out.read_text().splitlines() if self._out.exists() else []

    @property
    def event_ids(self) -> list[str]:
        return [json.loads(line.partition("\ufeff")[2])["eventID"] for line in self.messages]


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
    agent = PYTHON.with_name("ddapm-test-agent")
    if not agent.exists():
        absent("ddapm-test-agent is not there: `make clients` or `make test` installs it")
    ports = {name: free_port() for name in ("port", "otlp-http-port", "otlp-grpc-port", "web-ui-port")}
    words = [word for name, port in ports.items() for word in (f"--{name}", str(port))]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([agent, *words], stdout=log, stderr=log, env=environment(tmp_path), cwd=tmp_path)
    try:
        http = ports["otlp-http-port"]
        until(lambda: _answers(http) or process.poll() is not None)
        assert process.poll() is None, (tmp_path / "log").read_text()
        with tls_before(http, certificate) as port:
            made(sink, "otlp", f"https://127.0.0.1:{port}").send([event(1), event(2)])
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/test/session/logs", timeout=30) as answer:
            told = json.load(answer)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    (resource,) = told[0]["resourceLogs"]
    assert [one["body"]["stringValue"] for one in resource["scopeLogs"][0]["logRecords"]] == [event(1).record, event(2).record]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- everything at once -----------------------------------------------------------------------------------------------------------

SINKS = """
[[sink]]
name = "datadog"
kind = "datadog"
url = "{datadog}/api/v2/logs"
key_variable = "INTAKE_KEY"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "newrelic"
kind = "newrelic"
url = "{newrelic}/log/v1"
key_file = "{home}/key"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "sumologic"
kind = "sumologic"
url_file = "{home}/sumo.url"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "otlp"
kind = "otlp"
url = "{otlp}/v1/logs"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "webhook"
kind = "webhook"
url = "{webhook}/hook"
secret_variable = "HOOK_SECRET"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "syslog"
kind = "syslog"
host = "127.0.0.1"
port = {syslog}
ca_file = "{tls}/ca.pem"

[[sink]]
name = "file"
kind = "file"
path = "{home}/copy/events.jsonl"
"""


def figures(port: int) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What Prometheus' own parser reads at /metrics, without the label of the worker."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        read = library("prometheus", {"text": answer.read().decode()})
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for _, _, samples in read:
        for name, labels, value in samples:
            key = name, tuple(sorted((label, text) for label, text in labels.items() if label != "worker"))
            found[key] = found.get(key, 0) + value
    return found


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
            until(lambda: figures(metrics)["akia_sink_lag_events", (("sink", "file"),)] == 0)
            told = figures(metrics)
            assert told["akia_sink_lag_events", (("sink", "datadog"),)] > 100
            assert told["akia_sink_failures_total", (("sink", "syslog"),)] > 0
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
