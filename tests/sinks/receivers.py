"""Receivers of every kind of sink that are real programs, each of which can be stopped and started anew on its port; and the settings of an
akia that sends to all seven kinds at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clients.programs import absent
from tests.served import environment, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = Path(__file__).parents[2] / ".venv-streams" / "bin" / "python"
PATIENCE_SECONDS = 60.0


def library(what: str, told: Any) -> Any:
    """What a vendor's library makes of `told`."""
    if not PYTHON.exists():
        absent("the vendors' libraries are not there: `make clients` or `make test` installs them")
    program = Path(__file__).parents[1] / "clients" / "vendors.py"
    done = subprocess.run([PYTHON, program, what], input=json.dumps(told), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def until(holds: Callable[[], bool], why: Callable[[], object] = lambda: "", seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


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

    def __init__(self, folder: Path, tls: Path, driver: str = "ossl", port: int | None = None) -> None:
        program = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin") or absent("rsyslogd is not installed")
        self._driver_is_there(driver)
        self.port, self._out = port or free_port(), folder / "out"
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
        until(lambda: answers(self.port))

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    @property
    def messages(self) -> list[str]:
        return self._out.read_text().splitlines() if self._out.exists() else []

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line.partition("\ufeff")[2]) for line in self.messages]

    @property
    def event_ids(self) -> list[str]:
        return [record["eventID"] for record in self.records]


class DatadogAgent:
    """Datadog's test agent, which takes OTLP without TLS and keeps it in memory. Each start has ports of its own."""

    def __init__(self, folder: Path) -> None:
        self._program = PYTHON.with_name("ddapm-test-agent")
        if not self._program.exists():
            absent("ddapm-test-agent is not there: `make clients` or `make test` installs it")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        ports = {name: free_port() for name in ("port", "otlp-http-port", "otlp-grpc-port", "web-ui-port")}
        words = [word for name, port in ports.items() for word in (f"--{name}", str(port))]
        self.port = ports["otlp-http-port"]
        with (self._folder / "agent.log").open("ab") as log:
            command = [str(self._program), *words]
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment(self._folder), cwd=self._folder)
        self._process = process
        until(lambda: answers(self.port) or process.poll() is not None)
        assert process.poll() is None, (self._folder / "agent.log").read_text()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log records that it has taken since it was started, as OTLP has them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/test/session/logs", timeout=30) as answer:
            requests = json.load(answer)
        oldest_first = reversed(requests)  # it tells the newest first
        scopes = [scope for one in oldest_first for resource in one["resourceLogs"] for scope in resource["scopeLogs"]]
        return [record for scope in scopes for record in scope["logRecords"]]


def answers(port: int) -> bool:
    """Whether somebody listens on `port` of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
