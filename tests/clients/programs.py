"""Our programs in other languages: where they come from, how they are built, how they are run against an akia.

Their libraries are fetched by `make clients` or `make test` (tools/client_libraries) into `.clients`; from there on no network is needed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.served import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.served import Served

    from akia.store.founding import KeyPair

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent
BUILT = ROOT / ".clients"
BUILD_SECONDS = 300.0
RUN_SECONDS = 120.0


@dataclass(frozen=True)
class Program:
    """A program that is ready to run."""

    command: tuple[str, ...]

    def run(self, served: Served, *words: str, key: KeyPair | None = None, also: Mapping[str, str] | None = None) -> str:
        """What the program prints when it runs with `key` (else the administrator's) and with the variables `also`."""
        variables = surroundings(served, key) | dict(also or {})
        done = subprocess.run(
            [*self.command, *words], env=variables, capture_output=True, text=True, check=False, timeout=RUN_SECONDS, cwd=served.home
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def outcomes(self, served: Served, steps: Iterable[str], key: KeyPair | None = None) -> dict[str, str | None]:
        """For each step what went wrong, None for nothing."""
        told = [json.loads(line) for line in self.run(served, "steps", *steps, key=key).splitlines()]
        return {one["step"]: one["error"] for one in told}


def surroundings(served: Served, key: KeyPair | None = None) -> dict[str, str]:
    """The variables that lead any client of AWS to `served`, as the holder of `key`, without a second try that would hide a failure."""
    pair = key or served.administrator
    return environment(served.home) | {
        "AWS_ENDPOINT_URL": served.endpoint,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": pair.access_key_id,
        "AWS_SECRET_ACCESS_KEY": pair.secret_access_key,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def javascript() -> Program:
    """The program with the SDK for JavaScript. Node looks for packages beside the sources, so they are copied to where the packages are."""
    node, there = tool("node"), BUILT / "javascript"
    recent(node, "--version", (20,))
    ready(there)
    shutil.copytree(SOURCES / "javascript", there, dirs_exist_ok=True)
    return Program((node, str(there / "main.mjs")))


def java() -> Program:
    compiler, machine, there = tool("javac"), tool("java"), BUILT / "java"
    recent(compiler, "--version", (17,))
    ready(there)
    shutil.rmtree(there / "classes", ignore_errors=True)
    sources = map(str, sorted((SOURCES / "java/src").rglob("*.java")))
    build(compiler, "-encoding", "UTF-8", "-d", str(there / "classes"), "-cp", f"{there}/lib/*", *sources)
    return Program((machine, "-XX:TieredStopAtLevel=1", "-cp", f"{there}/classes:{there}/lib/*", "akia.Main"))


def go() -> Program:
    compiler, there = tool("go"), BUILT / "go"
    recent(compiler, "version", (1, 24))
    ready(there)
    offline = {"GOPROXY": "off", "GOMODCACHE": str(there / "modules"), "GOFLAGS": "-mod=readonly -modcacherw", "CGO_ENABLED": "0"}
    build(compiler, "build", "-buildvcs=false", "-o", str(there / "clients"), ".", cwd=SOURCES / "go", **offline)
    return Program((str(there / "clients"),))


def recent(compiler: str, ask: str, oldest: tuple[int, ...]) -> None:
    """Skips the test if a tool is older than its SDK allows: what a distribution ships may be, and nothing is missing then."""
    told = subprocess.run([compiler, ask], capture_output=True, text=True, check=True, timeout=BUILD_SECONDS).stdout
    numbers = re.search(r"[0-9]+(\.[0-9]+)*", told)
    assert numbers, told
    if tuple(map(int, numbers[0].split("."))) < oldest:
        pytest.skip(f"{told.strip()} is older than {'.'.join(map(str, oldest))}, which the SDK needs")


def tool(name: str) -> str:
    """Where a tool is; if it is absent, so are the tests that need it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/local/go/bin")
    return found or absent(f"{name} is not installed")


def ready(there: Path) -> None:
    """Does nothing if the libraries of a program are there."""
    if not (there / ".ready").exists():
        absent(f"the libraries of the {there.name} program are not there: `make clients` or `make test` fetches them")


def absent(what: str) -> str:
    """Skips the test, or fails it where all clients must be there, as in continuous integration."""
    if os.environ.get("EVERY_CLIENT"):
        pytest.fail(what)
    pytest.skip(what)


def build(*command: str, cwd: Path = ROOT, **variables: str) -> None:
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS, cwd=cwd)
    assert done.returncode == 0, done.stderr
