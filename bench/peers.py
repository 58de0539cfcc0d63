"""The peers: moto's server with its authentication on, and ministack with `AUTH=true`, from PyPI, in an environment of their own."""

from __future__ import annotations

import http.client
import subprocess
from typing import TYPE_CHECKING

from bench.servers import ROOT
from bench.signing import Credential

if TYPE_CHECKING:
    from bench.servers import Server

ENVIRONMENT = ROOT / ".venv-peers"
REQUIREMENTS = ROOT / "requirements" / "bench-peers.txt"
PYTHON = ENVIRONMENT / "bin" / "python"

MOTO_FIRST = Credential("AKIAIOSFODNN7EXAMPLE", "unchecked")
"""Anything: moto has no first key, so its authentication stays off until `enforce_moto`."""
MINISTACK_FIRST = Credential("test", "test")
"""ministack's built-in root key."""


def make_environment() -> None:
    """Create the peers' environment if it is absent, as `make bench` does. Raises CalledProcessError if that fails."""
    if not PYTHON.exists():
        subprocess.run([str(ROOT / "tools" / "environment"), ENVIRONMENT.name, str(REQUIREMENTS)], check=True, cwd=ROOT)


def versions() -> dict[str, str]:
    """The peers' versions, as installed."""
    program = "from importlib.metadata import version; print(version('moto'), version('ministack'))"
    moto, ministack = subprocess.run([str(PYTHON), "-c", program], check=True, capture_output=True, text=True).stdout.split()
    return {"moto": moto, "ministack": ministack}


def moto_command(port: int) -> list[str]:
    return [str(PYTHON), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]


def enforce_moto(server: Server) -> None:
    """Have moto authenticate and authorize from the next request on, by its `reset-auth` route."""
    connection = http.client.HTTPConnection(*server.address, timeout=10)
    connection.request("POST", "/moto-api/reset-auth", body=b"0")
    answer = connection.getresponse()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"moto did not turn its authentication on: {answer.status}")
    connection.close()


def ministack_command(port: int) -> list[str]:
    return [str(PYTHON), "-m", "ministack"]


def ministack_variables(port: int) -> dict[str, str]:
    return {"AUTH": "true", "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "LOG_LEVEL": "WARNING"}
