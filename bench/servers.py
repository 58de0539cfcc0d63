"""Servers under measurement: started on a free port of loopback, told apart by name, stopped by process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import process
from bench.signing import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
GRANIAN = (
    "--interface",
    "asgi",
    "--loop",
    "uvloop",
    "--http",
    "1",
    "--no-ws",
    "--workers",
    "1",
    "--no-access-log",
    "--log-level",
    "warning",
)
START_LIMIT = 60.0
"""Seconds a server may take to listen."""


class StartError(Exception):
    """A server ended, or did not listen in time; the message ends with the tail of its log."""


@dataclass(slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    child: subprocess.Popen[bytes]
    log: Path
    processes: list[int]

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def scope(self, service: str) -> Scope:
        return Scope(service, f"127.0.0.1:{self.port}")

    def cpu_seconds(self) -> float:
        return process.cpu_seconds(self.processes)

    def pss_bytes(self) -> int:
        return process.pss_bytes(process.tree(self.child.pid))

    def settle(self) -> None:
        """Look again which processes belong to the server; call once it has answered."""
        self.processes = process.tree(self.child.pid)

    def stop(self) -> None:
        """End it as an operator would, by SIGTERM; by SIGKILL after ten seconds."""
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            for pid in reversed(process.tree(self.child.pid)):
                os.kill(pid, signal.SIGKILL)
            self.child.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(name: str, command: Callable[[int], Sequence[str]], variables: Callable[[int], Mapping[str, str]] = lambda port: {}) -> Server:
    """Start `command(port)` and return at once. Its output goes to a log in the temporary directory."""
    port = free_port()
    handle, path = tempfile.mkstemp(prefix=f"bench-{name}-", suffix=".log")
    with os.fdopen(handle, "wb") as log:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables(port)}
        child = subprocess.Popen(command(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=environment)
    return Server(name, port, child, Path(path), [child.pid])


def wait_until_listening(server: Server, pause: float = 0.005) -> None:
    """Return once the port takes connections. Raises StartError."""
    limit = time.monotonic() + START_LIMIT
    while time.monotonic() < limit:
        if server.child.poll() is not None:
            raise StartError(f"{server.name} ended with {server.child.returncode}: {server.log.read_text()[-1500:]}")
        try:
            socket.create_connection(server.address, timeout=1).close()
        except OSError:
            time.sleep(pause)
        else:
            server.settle()
            return
    raise StartError(f"{server.name} did not listen within {START_LIMIT:.0f} s: {server.log.read_text()[-1500:]}")


@contextmanager
def running(
    name: str, command: Callable[[int], Sequence[str]], variables: Callable[[int], Mapping[str, str]] = lambda port: {}
) -> Iterator[Server]:
    """A server for the length of a with-block. Raises StartError."""
    server = launch(name, command, variables)
    try:
        wait_until_listening(server)
        yield server
    finally:
        server.stop()
        server.log.unlink(missing_ok=True)


def floor_command(port: int) -> list[str]:
    """Granian with akia's options: ASGI on uvloop, HTTP/1, one worker."""
    return [sys.executable, "-m", "granian", *GRANIAN, "--host", "127.0.0.1", "--port", str(port), "bench.floor:application"]
