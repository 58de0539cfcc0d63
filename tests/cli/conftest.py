"""What the tests of the program share: a home directory of nobody's, and the program run in it. Servers are stopped by their process id."""

from __future__ import annotations

import configparser
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from tests.served import PATIENCE_SECONDS, PROGRAM, children, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ONE_TRY = Config(retries={"max_attempts": 1, "mode": "standard"})


class Result(NamedTuple):
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def is_readable_error(self) -> bool:
        """One message for a person, and no traceback."""
        return "Error: " in self.err and "Traceback" not in self.err and len(self.err.strip().splitlines()) <= 4


@dataclass
class Home:
    """A home directory with the program to run in it."""

    path: Path
    started: list[Up] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def keys(self) -> Path:
        return self.path / "config" / "akia" / "keys"

    def environment(self, **more: str) -> dict[str, str]:
        return environment(self.path) | {"TMPDIR": str(self.path / "tmp")} | more

    def run(self, *words: str, **variables: str) -> Result:
        """Run the program to its end."""
        command = [str(PROGRAM), *words]
        done = subprocess.run(
            command, env=self.environment(**variables), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def up(self, *options: str, umask: int = 0o022, **variables: str) -> Up:
        """Start `akia up` on the data directory and a free port; returns when it answers."""
        words = options if "--ephemeral" in options else ("--data", str(self.data), *options)
        words = words if "--port" in words else ("--port", "0", *words)
        log = self.path / f"log-{len(self.started)}"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [str(PROGRAM), "up", *words],
                env=self.environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                umask=umask,
            )
        server = Up(process, log)
        self.started.append(server)
        return server.when_it_answers()

    def profile(self, name: str = "profile") -> dict[str, str]:
        """The profile in the data directory."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.data / name)
        return dict(parser[parser.sections()[0]])

    def client(self, service: str, profile: str = "profile") -> Any:
        """A boto3 client with the profile in the data directory."""
        values = self.profile(profile)
        session: Any = boto3.Session(values["aws_access_key_id"], values["aws_secret_access_key"], region_name=values["region"])
        return session.client(service, endpoint_url=values["endpoint_url"], verify=values.get("ca_bundle"), config=ONE_TRY)

    def events(self) -> list[dict[str, Any]]:
        """All records, newest first."""
        pages = self.client("cloudtrail").get_paginator("lookup_events").paginate()
        return [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]


@dataclass
class Up:
    """A running `akia up`. `said` is what it has printed so far."""

    process: subprocess.Popen[bytes]
    log: Path
    said: str = ""

    def when_it_answers(self) -> Up:
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.said.endswith("\n"):
            self.said += (self.process.stdout.read() or b"").decode()
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self

    @property
    def told(self) -> dict[str, Any]:
        """What `--json` has told."""
        told: dict[str, Any] = json.loads(self.said)
        return told

    @property
    def endpoint(self) -> str:
        found = re.search(r"https?://[^\s\"]+", self.said)
        assert found is not None
        return found[0]

    @property
    def port(self) -> int:
        return int(self.endpoint.rsplit(":", 1)[1])

    @property
    def workers(self) -> list[int]:
        return children(self.process.pid)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.stop()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh home directory. Servers that a test leaves running are stopped."""
    yield from _home(tmp_path)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home directory for all tests of a module."""
    yield from _home(tmp_path_factory.mktemp("home"))


def _home(path: Path) -> Iterator[Home]:
    (path / "tmp").mkdir()
    home = Home(path)
    yield home
    for server in home.started:
        server.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds, which must be soon."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait
