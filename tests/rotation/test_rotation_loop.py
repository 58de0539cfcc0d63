"""Real clients call a real akia for the whole of a rotation, and a real akia is killed in the middle of one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from tests.served import ONE_TRY, PATIENCE_SECONDS, Served, serve

from akia.aws import own_models
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "111122223333"
CLIENTS = 8
CLIENT = Path(__file__).with_name("client.py")


class Server:
    """A running akia with the targets `files` of user ci: one profile, and a command that is slow the first time."""

    def __init__(self, home: Path, workers: int = 1) -> None:
        self.home, self.workers = home, workers
        self.credentials, self.slow = home / "credentials", home / "slow.py"
        self.slow.write_text(
            "import json, pathlib, sys, time\n"
            f"begun, done = pathlib.Path({str(home / 'begun')!r}), pathlib.Path({str(home / 'done')!r})\n"
            "key = json.load(sys.stdin)['AccessKeyId']\n"
            "if not begun.exists():\n"
            "    begun.touch()\n"
            "    time.sleep(60)\n"
            "done.write_text(key)\n"
        )
        self.file = home / "targets.toml"
        common = f'account = "{ACCOUNT}"\nusers = ["ci"]\n'
        self.file.write_text(
            f'[targets.profile]\nkind = "profile"\nfile = "{self.credentials}"\nprofile = "ci"\n{common}'
            f'[targets.slow]\nkind = "command"\ncommand = ["{sys.executable}", "{self.slow}"]\nseconds = 2\n{common}'
        )
        self.file.chmod(0o600)
        self.served = self._serve()
        iam = self.client("iam")
        iam.create_user(UserName="ci")
        made = iam.create_access_key(UserName="ci")["AccessKey"]
        self.old = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
        lines = f"[ci]\naws_access_key_id = {self.old.access_key_id}\naws_secret_access_key = {self.old.secret_access_key}\n"
        self.credentials.write_text(lines)

    def _serve(self, port: int | None = None) -> Served:
        options = ("--account", ACCOUNT) if port is None else ()
        return serve(self.home, *options, "--rotation-targets", str(self.file), "--workers", str(self.workers), port=port)

    def client(self, service: str, key: KeyPair | None = None) -> Any:
        pair, core = key or self.served.administrator, botocore.session.get_session()
        core.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
        session: Any = boto3.Session(pair.access_key_id, pair.secret_access_key, region_name="us-east-1", botocore_session=core)
        return session.client(service, endpoint_url=self.served.endpoint, config=ONE_TRY)

    def kill(self) -> None:
        """`kill -9`, and a new start."""
        self.served.kill()
        self.served = self._serve(self.served.port)

    def start(self, quiet: float, inactive: float, **parameters: Any) -> Any:
        """A rotation whose times are in seconds."""
        times = {"QuietHours": quiet / 3600, "InactiveHours": inactive / 3600}
        return self.client("akia").start_key_rotation(AccessKeyId=self.old.access_key_id, **times, **parameters)

    def told(self, started: Any) -> Any:
        return self.client("akia").get_key_rotation(RotationId=started["Rotation"]["RotationId"])

    def state(self, started: Any) -> str:
        state: str = self.told(started)["Rotation"]["State"]
        return state

    def await_state(self, started: Any, *states: str) -> None:
        until(lambda: self.state(started) in states)

    def works(self, key: KeyPair) -> bool:
        try:
            self.client("sts", key).get_caller_identity()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidClientTokenId"
            return False
        return True

    def keys(self) -> dict[str, str]:
        return {key["AccessKeyId"]: key["Status"] for key in self.client("iam").list_access_keys(UserName="ci")["AccessKeyMetadata"]}

    @contextmanager
    def clients(self) -> Iterator[list[dict[str, Any]]]:
        """Processes that call all the while; what they have counted is in the list afterwards."""
        stop, told = self.home / "stop", list[dict[str, Any]]()
        command = [sys.executable, str(CLIENT), self.served.endpoint, str(self.credentials), "ci", str(stop)]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(CLIENTS)]
        try:
            yield told
        finally:
            stop.touch()
            told += [json.loads(process.communicate(timeout=PATIENCE_SECONDS)[0]) for process in running]
            stop.unlink()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.2)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    assert server.served.stop() == 0


def new_key(server: Server) -> KeyPair:
    """What the clients of the profile use now."""
    lines = dict(line.split(" = ") for line in server.credentials.read_text().splitlines() if " = " in line)
    return KeyPair(lines["aws_access_key_id"], lines["aws_secret_access_key"])


@pytest.mark.covers("I6.rotation.loop", "B9")
def test_eight_clients_call_for_the_whole_of_a_rotation_and_no_call_fails(tmp_path: Path) -> None:
    server = Server(tmp_path, workers=2)
    with server.clients() as told:
        until(lambda: "OldKeyLastCalledAt" in started_and_seen(server))
        started = server.client("akia").list_key_rotations()["Rotations"][0]
        server.await_state({"Rotation": started}, "DELETED")
    assert server.served.stop() == 0
    assert [each["failures"] for each in told] == [[]] * CLIENTS
    used = {key for each in told for key in each["calls"]}
    assert used == {server.old.access_key_id, started["NewAccessKeyId"]}
    assert all(started["NewAccessKeyId"] in each["calls"] for each in told)


def started_and_seen(server: Server) -> Any:
    """The rotation, begun at the first look, which has seen somebody call the old key."""
    open_ = server.client("akia").list_key_rotations()["Rotations"]
    if open_:
        return server.told({"Rotation": open_[0]})["Rotation"]
    if server.client("iam").get_access_key_last_used(AccessKeyId=server.old.access_key_id)["AccessKeyLastUsed"].get("LastUsedDate"):
        server.start(8, 4, Targets=["profile"])
    return {}


@pytest.mark.covers("I6.rotation.loop", "X4")
def test_a_client_that_kept_the_old_key_is_given_it_back_with_an_alert_and_no_other_notices(server: Server) -> None:
    with server.clients() as told:
        started = server.start(8, 60, Targets=["profile"])
        server.await_state(started, "OLD_INACTIVE")
        assert not server.works(server.old), "the one that kept it"
        until(lambda: server.works(server.old))
        history = server.told(started)["History"]
    assert [each["failures"] for each in told] == [[]] * CLIENTS
    assert ("OBSERVING", "CALLED_AGAIN") in [(step["To"], step["Reason"]) for step in history]
    alerts = server.client("akia").list_alerts()["Alerts"]
    [alert] = [each for each in alerts if each["Rule"] == "rotation-key-called-again"]
    assert (alert["Subject"], alert["Severity"]) == (server.old.access_key_id, "HIGH")


@pytest.mark.covers("I6.rotation.kill")
def test_after_kill_9_in_each_state_a_rotation_goes_on(server: Server) -> None:
    """DISTRIBUTED and QUIET last for a moment: test_rotation_job dies at every commit around them."""
    started = server.start(5, 5, Targets=["slow", "profile"])
    until((server.home / "begun").exists)
    server.kill()  # OPEN, while a target takes the key
    assert server.state(started) == "OPEN"
    server.await_state(started, "OBSERVING")
    new = new_key(server)
    assert (server.home / "done").read_text() == new.access_key_id == started["Rotation"]["NewAccessKeyId"]
    server.kill()
    server.await_state(started, "OLD_INACTIVE")
    server.kill()
    assert server.keys()[server.old.access_key_id] == "Inactive" and server.works(new)
    assert not server.works(server.old)
    server.await_state(started, "OBSERVING")  # called again
    server.await_state(started, "OLD_INACTIVE")
    server.client("akia").roll_back_key_rotation(RotationId=started["Rotation"]["RotationId"])
    server.kill()  # ROLLING_BACK
    until(lambda: new_key(server) == server.old)
    assert server.works(server.old)
    server.await_state(started, "NEW_INACTIVE")
    server.kill()
    server.await_state(started, "ROLLED_BACK")
    assert server.keys() == {server.old.access_key_id: "Active"} and server.works(server.old)
    numbers = [(step.get("From"), step["To"]) for step in server.told(started)["History"]]
    assert [after for _, after in numbers[:-1]] == [before for before, _ in numbers[1:]], "no step is missing, none was taken twice"
