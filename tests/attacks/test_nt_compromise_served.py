"""A key is reported compromised while eight client processes use it and its sessions, against two real workers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from tests.served import ONE_TRY, PATIENCE_SECONDS, Served, serve

from akia.aws import own_models
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

ENOUGH = 10
"""Calls that each process has had answered well before the report."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = serve(tmp_path / "home", "--workers", "2")
    yield running
    running.stop()


def own_client(served: Served) -> Any:
    session = botocore.session.get_session()
    session.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    key = served.administrator
    made: Any = boto3.Session(key.access_key_id, key.secret_access_key, region_name="us-east-1", botocore_session=session)
    return made.client("akia", endpoint_url=served.endpoint, config=ONE_TRY)


class Client:
    """One process, and what it has told so far."""

    def __init__(self, served: Served, pair: KeyPair, token: str | None, kind: str) -> None:
        self.kind, self.calls = kind, list[tuple[float, str | None]]()
        command = [sys.executable, str(Path(__file__).with_name("hammer.py"))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        how = {"endpoint": served.endpoint, "pair": [pair.access_key_id, pair.secret_access_key], "token": token, "kind": kind}
        self.process.stdin.write(json.dumps(how))
        self.process.stdin.close()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                sent, code = json.loads(line)
                self.calls.append((sent, code))

    def end(self) -> None:
        self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)


@pytest.mark.covers("I6.compromise", "E8", "X8")
def test_no_call_of_a_reported_key_or_of_its_sessions_succeeds_that_was_sent_after_the_answer(served: Served) -> None:
    iam = served.client("iam")
    iam.create_user(UserName="bob")
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=json.dumps(everything))
    account = served.client("sts").get_caller_identity()["Account"]
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}}
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ops", PolicyName="all", PolicyDocument=json.dumps(everything))
    made = iam.create_access_key(UserName="bob")["AccessKey"]
    key = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
    sts = served.client("sts", key)
    taken = [
        sts.get_session_token(),
        sts.get_federation_token(Name="guest", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}]),
        sts.assume_role(RoleArn=role, RoleSessionName="ops"),
    ]
    held = [(each["Credentials"], kind) for each, kind in zip(taken, ("reads", "reads", "writes"), strict=True)]
    clients = [Client(served, key, None, kind) for kind in ("reads", "reads", "writes", "takes_sessions", "takes_sessions")]
    clients += [Client(served, KeyPair(c["AccessKeyId"], c["SecretAccessKey"]), c["SessionToken"], kind) for c, kind in held]
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(len(client.calls) < ENOUGH for client in clients):
            assert time.monotonic() < deadline and all(client.process.poll() is None for client in clients)
            time.sleep(0.05)
        own_client(served).report_compromised_key(AccessKeyId=key.access_key_id)
        answered = time.monotonic()
        for client in clients:
            client.end()
    finally:
        for client in clients:
            client.process.kill()
            client.end()
    assert len(clients) == 8
    for client in clients:
        later = [code for sent, code in client.calls if sent > answered]
        assert later and set(later) == {"InvalidClientTokenId"}, client.kind
        assert [code for _, code in client.calls[:ENOUGH]] == [None] * ENOUGH, client.kind
