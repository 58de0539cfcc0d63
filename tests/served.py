"""A real akia behind a socket, for tests with real clients: the program as a user starts it, on 127.0.0.1 and a free port, stopped by its
process id."""

from __future__ import annotations

import configparser
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from akia.store.founding import KeyPair

PROGRAM = Path(sys.executable).with_name("akia")
PATIENCE_SECONDS = 60.0
ONE_TRY = Config(retries={"max_attempts": 1, "mode": "standard"}, max_pool_connections=64)


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(home: Path) -> dict[str, str]:
    """An environment without anybody's AWS settings, whose home is `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AKIA_", "XDG_"))}
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "share")}


@dataclass
class Served:
    """A running `akia up --data`."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def administrator(self) -> KeyPair:
        """The administrator's key, from the profile that the first start has written."""
        profiles = configparser.ConfigParser()
        profiles.read(self.data / "profile")
        section = next(profiles[name] for name in profiles.sections() if "aws_access_key_id" in profiles[name])
        return KeyPair(section["aws_access_key_id"], section["aws_secret_access_key"])

    def client(self, service: str, key: KeyPair | None = None, *, token: str | None = None) -> Any:
        """A boto3 client that tries once."""
        pair = key or self.administrator
        session: Any = boto3.Session(pair.access_key_id, pair.secret_access_key, token, region_name="us-east-1")
        return session.client(service, endpoint_url=self.endpoint, config=ONE_TRY)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """`kill -9` of the whole family, as if the power had gone. Returns when all of them are gone: who waits for the disk dies late."""
        family = [self.process.pid, *children(self.process.pid)]  # the parent first: it must make no new workers
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(is_alive(pid) for pid in family):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def children(pid: int) -> list[int]:
    """The descendants of a process. Threads and processes may come and go meanwhile."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in listed.read_text().split():
                found += [*children(int(child)), int(child)]
    return found


def is_alive(pid: int) -> bool:
    """Whether there is such a process still, and it is no mere zombie."""
    try:
        return " (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def serve(home: Path, *options: str, port: int | None = None, prefix: tuple[str, ...] = ()) -> Served:
    """Start `akia up` with its data in `home`/data, and wait until it answers. `prefix` is a command to run it under.

    Unless `options` say otherwise there are no limits: tests call more often than AWS would let anybody.
    """
    if "--limits" not in options:
        options = (*options, "--limits", "off")
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    command = [*prefix, str(PROGRAM), "up", "--data", str(home / "data"), "--port", str(port), *options]
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment(home), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    served = Served(home, port, process)
    wait_until_healthy(served.endpoint, process, home / "log")
    return served


def wait_until_healthy(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `/healthz` answers; fail with the log if the process ends or takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{endpoint}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    process.kill()
    raise AssertionError(f"akia did not start:\n{log.read_text()}")
