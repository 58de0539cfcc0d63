"""What happens when things break: processes, disks, floods."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.served import Served, children, environment, serve

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = 8
WRITES = 125


@pytest.mark.covers("I2.faults.kill", "I2.store.unit_of_work")
def test_after_kill_9_amid_a_thousand_writes_every_acknowledged_change_is_there_with_exactly_one_event(tmp_path: Path) -> None:
    served = serve(tmp_path)
    acknowledged: dict[str, str] = {}
    attempted: set[str] = set()
    enough = threading.Event()

    def write(number: int) -> None:
        iam = served.client("iam")
        for count in range(WRITES):
            name = f"user-{number}-{count}"
            attempted.add(name)
            try:
                answer = iam.create_user(UserName=name)
            except (BotoCoreError, ClientError):
                return
            acknowledged[name] = answer["ResponseMetadata"]["RequestId"]
            if len(acknowledged) > CLIENTS * WRITES // 2:
                enough.set()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    served.kill()
    for thread in threads:
        thread.join(60)
    assert len(acknowledged) >= CLIENTS * WRITES // 2

    again = serve(tmp_path, port=served.port)
    try:
        present = {user["UserName"] for page in again.client("iam").get_paginator("list_users").paginate() for user in page["Users"]} - {
            "administrator"
        }
        assert set(acknowledged) <= present <= attempted
    finally:
        assert again.stop() == 0
    with sqlite3.connect(again.data / "akia.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        events = [
            json.loads(record) for (record,) in database.execute("SELECT record FROM events WHERE name = 'CreateUser' AND error_code = ''")
        ]
    told = [event["requestParameters"]["userName"] for event in events if event["requestParameters"]["userName"] != "administrator"]
    assert sorted(told) == sorted(present), "one event for each user, and no event without its user"
    by_request = {event["requestID"]: event["requestParameters"]["userName"] for event in events}
    assert all(by_request[request_id] == name for name, request_id in acknowledged.items())


@pytest.mark.covers("I2.faults.sync")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there: `apt-get install strace`")
def test_a_completed_sync_stands_between_each_change_and_its_answer(tmp_path: Path) -> None:
    served = serve(tmp_path)
    worker = children(served.process.pid)[-1]
    trace = tmp_path / "trace"
    iam = served.client("iam")
    iam.list_users()
    tracer = subprocess.Popen(
        [
            "strace",
            "-f",
            "-p",
            str(worker),
            "-e",
            "trace=fsync,fdatasync,sendto,sendmsg,write,writev,pwrite64",
            "-s",
            "48",
            "-o",
            str(trace),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        for count in range(10):
            iam.create_user(UserName=f"traced-{count}")
            iam.get_user(UserName=f"traced-{count}")
    finally:
        tracer.terminate()
        tracer.communicate()
        served.stop()
    synced = 0
    answers = 0
    for line in trace.read_text().splitlines():
        if re.search(r"(fsync|fdatasync)(\(\d+\)| resumed>\)).*= 0", line):
            synced += 1
        elif "HTTP/1.1 200" in line:
            answers += 1
            assert synced, f"an answer left before anything was safe: {line}"
            synced = 0
    assert answers == 20


@pytest.mark.covers("I2.faults.full_disk")
def test_on_a_full_disk_writes_answer_503_reads_go_on_and_nothing_is_corrupt(tmp_path: Path, full_disk: Path) -> None:
    served = serve(full_disk)
    try:
        iam = served.client("iam")
        iam.create_user(UserName="before")
        key = iam.create_access_key(UserName="before")["AccessKey"]
        filler = full_disk / "filler"
        with filler.open("wb") as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        with pytest.raises(ClientError) as caught:
            for count in range(2_000):
                iam.create_user(UserName=f"too-many-{count}", Path=f"/{'x' * 500}/")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
        assert (
            served.client("sts", KeyPair(key["AccessKeyId"], key["SecretAccessKey"])).get_caller_identity()["Arn"].endswith("user/before")
        )
        assert iam.get_user(UserName="before")["User"]["UserName"] == "before"
        with pytest.raises(ClientError) as gone:
            iam.get_user(UserName=f"too-many-{_number(caught.value)}")
        assert gone.value.response["Error"]["Code"] in {"NoSuchEntity", "ServiceUnavailable"}
        filler.unlink()
        iam.create_user(UserName="after")
    finally:
        assert served.stop() == 0
    with sqlite3.connect(served.data / "akia.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _number(_: ClientError) -> int:
    return 1_999


@pytest.fixture
def full_disk(tmp_path: Path) -> object:
    """A small file system of its own, or a skip where none can be mounted."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(mounted)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield mounted
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


@pytest.mark.covers("I2.faults.floods")
def test_a_flood_of_unsigned_requests_does_not_fill_the_disk(tmp_path: Path) -> None:
    served = serve(tmp_path)
    try:
        served.client("sts").get_caller_identity()
        before = _used(served.data)
        done = subprocess.run(
            [
                "python3", "-c",
                "import http.client, sys\n"
                f"c = http.client.HTTPConnection('127.0.0.1', {served.port})\n"
                "codes = set()\n"
                "for n in range(5000):\n"
                "    c.request('POST', '/', 'Action=ListUsers&Version=2010-05-08', {'Content-Type': 'application/x-www-form-urlencoded'})\n"
                "    r = c.getresponse(); r.read(); codes.add(r.status)\n"
                "print(sorted(codes))",
            ],
            capture_output=True, text=True, check=True, env=environment(tmp_path),
        )  # fmt: skip
        assert "500" not in done.stdout
        assert _used(served.data) - before < 512 * 1024
        assert served.client("sts").get_caller_identity()["Account"]
    finally:
        assert served.stop() == 0


def _used(directory: Path) -> int:
    """Bytes on the disk."""
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


@pytest.mark.covers("I2.store.workers")
def test_a_key_revoked_through_one_worker_is_refused_by_the_others_on_their_very_next_request(tmp_path: Path) -> None:
    served: Served = serve(tmp_path, "--workers", "3")
    try:
        iam = served.client("iam")
        iam.create_user(UserName="victim")
        for _ in range(10):
            made = iam.create_access_key(UserName="victim")["AccessKey"]
            pair = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
            clients = [served.client("sts", pair) for _ in range(12)]  # connections of their own, spread over the workers
            for client in clients:
                assert client.get_caller_identity()["Arn"].endswith("user/victim")
            iam.update_access_key(UserName="victim", AccessKeyId=pair.access_key_id, Status="Inactive")
            for client in clients:
                with pytest.raises(ClientError, match="InvalidClientTokenId"):
                    client.get_caller_identity()
            iam.update_access_key(UserName="victim", AccessKeyId=pair.access_key_id, Status="Active")
            for client in clients:
                client.get_caller_identity()
            iam.delete_access_key(UserName="victim", AccessKeyId=pair.access_key_id)
            for client in clients:
                with pytest.raises(ClientError, match="InvalidClientTokenId"):
                    client.get_caller_identity()
    finally:
        assert served.stop() == 0
