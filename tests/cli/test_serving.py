"""The running program: light, replaced when it dies, ended cleanly; and every door it has is on a list."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from akia.assembly import routes
from akia.http.strangers import Strangers
from akia.installation import Installation
from akia.settings import Settings

BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
HEAVY = ("alembic", "boto3", "botocore", "click", "rich", "sqlalchemy")


@pytest.mark.covers("I2.program.shutdown")
def test_what_is_in_flight_is_answered_before_sigterm_ends_the_server(home: Any) -> None:
    served = home.up()
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY[:10]))
        time.sleep(0.3)  # the request has begun
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)  # the server has heard of the end
        connection.sendall(BODY[10:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 403 ")
    assert served.process.wait(60) == 0
    assert served.log.read_text() == ""


def test_nt_71_who_sends_no_whole_body_is_told_so_and_holds_no_connection(home: Any) -> None:
    served = home.up()
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=60) as malformed,
        socket.create_connection(("127.0.0.1", served.port), timeout=60) as slow,
    ):
        malformed.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")
        slow.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nAction=")
        assert _to_its_end(malformed).startswith(b"HTTP/1.1 400 ")
        assert _to_its_end(slow).startswith(b"HTTP/1.1 408 ")
    assert served.stop() == 0


@pytest.mark.covers("I2.program.shutdown")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_clean_end_leaves_every_event_in_the_database_and_frees_port_and_directory(home: Any, number: signal.Signals) -> None:
    served = home.up()
    home.client("iam").list_users()
    assert served.stop(number) == 0
    again = home.up("--port", str(served.port))
    assert [event["eventName"] for event in home.events()].count("ListUsers") == 1
    assert again.stop() == 0


@pytest.mark.covers("I2.program.shutdown")
def test_a_signal_right_after_the_start_is_not_lost(home: Any) -> None:
    for _ in range(3):
        served = home.up("--ephemeral", "--json")
        began = time.monotonic()
        assert served.stop() == 0
        assert time.monotonic() - began < 10  # else the worker had to be killed


def test_workers_end_with_their_parent_however_it_ends(home: Any, eventually: Any) -> None:
    served = home.up("--workers", "2")
    workers = served.workers
    assert len(workers) == 2
    served.process.kill()
    served.process.wait()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert home.up().stop() == 0


def test_a_worker_that_dies_is_replaced(home: Any, eventually: Any) -> None:
    served = home.up()
    dead = served.workers
    os.kill(dead[0], signal.SIGKILL)
    eventually(lambda: any(pid not in dead for pid in served.workers))
    eventually(lambda: _is_healthy(served.endpoint))
    assert home.client("sts").get_caller_identity()["Account"]


def test_sighup_replaces_the_workers_without_a_failed_call(home: Any, eventually: Any) -> None:
    served = home.up()
    old = served.workers
    served.process.send_signal(signal.SIGHUP)
    sts = home.client("sts")

    def replaced() -> bool:
        assert sts.get_caller_identity()["Account"]
        return served.workers != [] and not set(old) & set(served.workers)

    eventually(replaced)
    assert served.stop() == 0


def test_every_worker_sees_what_another_has_made(home: Any) -> None:
    home.up("--workers", "2")
    clients = [home.client("iam") for _ in range(6)]  # a connection each, so both workers get some
    clients[0].create_user(UserName="alice")
    assert {client.get_user(UserName="alice")["User"]["UserName"] for client in clients} == {"alice"}


def test_neither_the_server_process_nor_a_worker_imports_what_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import akia.cli.serving, sys; parent = set(sys.modules); import akia.assembly\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), 'akia.store' in parent)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


def test_a_start_loads_no_service_and_a_command_none_of_the_others(tmp_path: Path) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from akia.cli.program import program; CliRunner().invoke(program, ['version'])\n"
        "print(sorted(name for name in sys.modules if name.startswith(('akia.cli.', 'akia.store.iam', 'cryptography.x509'))))\n"
        "import akia.assembly; print(sorted(name for name in sys.modules if name.startswith('akia.services.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['akia.cli.listener', 'akia.cli.program', 'akia.cli.version']", "[]"]


def test_the_rest_is_loaded_once_the_server_answers(tmp_path: Path) -> None:
    """No upgrade beneath a running server brings it a module of another version."""
    code = (
        "import asyncio, sys; from akia import services; from akia.jobs.load_the_rest import LoadTheRest; from akia.store import store\n"
        "names = [*store.modules(), *services.modules()]; asyncio.run(LoadTheRest(names, first=0, pause=0).run())\n"
        "before = set(sys.modules); made = [len(list(each)) for each in services.every_service().values()]\n"
        "print(min(len(names), *made) > 0, set(names) - before, set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True set() set()"


@pytest.mark.covers("I2.program.healthz", "NT-47")
def test_nt_47_every_listener_and_every_route_is_on_the_list(home: Any, akia: Any) -> None:
    served = home.up()
    assert _listening([served.process.pid, *served.workers]) == {("0100007F", served.port)}
    installation = Installation(akia.directory, "0" * 16, akia.account)
    models = {b"/sdk/models/akia/2026-11-01/" + file for file in (b"service-2.json", b"paginators-1.json")}
    assert set(routes(akia.akia, Settings(akia.directory), installation, Strangers())) == {b"/healthz"} | models
    with urlopen(f"{served.endpoint}/healthz") as answer:
        assert (answer.status, answer.read()) == (200, b"ok\n")
    assert _status(Request(f"{served.endpoint}/healthz", method="POST", data=b"")) == 405
    for path in ("/metrics", "/debug/vars", "/debug/pprof", "/admin", "/env", "/docs", "/openapi.json", "/_akia/reset/", "/healthz/"):
        assert _status(Request(served.endpoint + path)) in {400, 403, 404}


@pytest.mark.covers("I2.program.logs", "NT-67")
def test_logs_are_json_lines_and_quote_no_exception(home: Any) -> None:
    code = (
        "import logging; from akia.logs import configure_logging; configure_logging(); log = logging.getLogger('akia.test')\n"
        "log.info('hello %s', 'there')\n"
        "try: raise ValueError('SECRET')\n"
        "except ValueError: log.exception('it failed')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert {name: first[name] for name in ("level", "logger", "message")} == {
        "level": "info",
        "logger": "akia.test",
        "message": "hello there",
    }
    assert (second["message"], second["exception"]) == ("it failed", "ValueError")
    assert "line 3, in <module>" in second["raised"]
    assert "SECRET" not in done.stderr


def test_modules_in_the_current_directory_are_never_imported(home: Any) -> None:
    trap = home.path / "trap"
    trap.mkdir()
    for name in ("orjson.py", "akia.py", "granian.py", "sqlite3.py"):
        (trap / name).write_text("raise SystemExit('imported from the current directory')")
    before = Path.cwd()
    os.chdir(trap)
    try:
        assert home.up("--ephemeral", "--json").stop() == 0
    finally:
        os.chdir(before)


def _status(request: Request) -> int:
    try:
        with urlopen(request) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def _to_its_end(connection: socket.socket) -> bytes:
    """What the server sends until it closes the connection."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


def _is_healthy(endpoint: str) -> bool:
    try:
        return _status(Request(f"{endpoint}/healthz")) == 200
    except OSError:
        return False


def _listening(pids: list[int]) -> set[tuple[str, int]]:
    """Addresses and ports that processes listen on, from /proc."""
    descriptors = [str(path.readlink()) for pid in pids for path in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {name.removeprefix("socket:[").removesuffix("]") for name in descriptors if name.startswith("socket:")}
    found = set()
    for family in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            words = line.split()
            if words[9] in inodes and words[3] in {"0A", "07"}:
                address, port = words[1].split(":")
                found.add((address, int(port, 16)))
    return found
