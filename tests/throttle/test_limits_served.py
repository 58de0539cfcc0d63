"""Limits of a real server: two workers keep one rate, unmodified clients get past it by their own retries, restarts forget no budget."""

from __future__ import annotations

import sqlite3
import threading
import time
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from tests.attacks.signer import Signer, form
from tests.limiting import granted
from tests.served import Served, free_port, serve

from akia.cli import endpoint
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE = 60


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
def served(tmp_path: Path, metrics_port: int) -> Iterator[Served]:
    akia = serve(tmp_path / "home", "--workers", "2", "--metrics-listen", f"127.0.0.1:{metrics_port}")
    yield akia
    akia.kill()


def own(akia: Served) -> Any:
    """The service akia, as its commands call it."""
    return endpoint.clients(akia.data, None)("akia")


def hammer(akia: Served, key: KeyPair, seconds: float, connections: int, headers: dict[str, str] | None = None) -> list[int]:
    """The statuses that so many clients get who call GetCallerIdentity one time after the other, on a new connection now and then, so that
    all workers have some."""
    statuses: list[int] = []
    signer, until = Signer.of(key), time.monotonic() + seconds

    def calls() -> None:
        while time.monotonic() < until:
            on_one_connection()

    def on_one_connection() -> None:
        with closing(HTTPConnection("127.0.0.1", akia.port, timeout=60)) as connection:
            for _ in range(25):
                request = signer.header(form("GetCallerIdentity", "sts"), "sts")
                sent = {name.decode(): value.decode() for name, value in request.headers} | (headers or {})
                connection.request("POST", "/", request.body, sent)
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
                if time.monotonic() >= until:
                    return

    threads = [threading.Thread(target=calls) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def times_granted(akia: Served, name: str = "GetCallerIdentity") -> list[float]:
    """When the calls that went through were answered, in seconds, by the server's own events."""
    with closing(sqlite3.connect(f"file:{akia.data / 'akia.db'}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT at_ms FROM events WHERE name = ? AND error_code = '' ORDER BY at_ms", (name,))
        return [at_ms / 1000 for (at_ms,) in found]


@pytest.mark.covers("I6.limits.workers")
def test_two_workers_together_keep_the_rate_for_ten_seconds(served: Served, metrics_port: int) -> None:
    own(served).put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=RATE, Burst=RATE)
    statuses = hammer(served, served.administrator, 11.5, 6)
    assert statuses.count(400) > 50, "it is the limit that holds, not the machine"
    time.sleep(1.5)  # each worker writes its figures down once a second
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics") as page:
        refused = [line for line in page.read().decode().splitlines() if line.startswith("akia_limit_refusals_total{")]
    assert len(refused) == 2, "both workers have turned callers away"
    assert served.stop() == 0
    times = times_granted(served)
    assert len(times) == statuses.count(200)
    start = times[0] + 1.2  # the burst is over
    window = [at for at in times if start <= at < start + 10]
    print(f"{len(window) / 10:.2f} requests a second were granted, {RATE} were to be")
    assert RATE * 10 * 0.9 <= len(window) <= RATE * 10 * 1.05
    span = times[-1] - times[0]
    assert len(times) <= RATE * (span + 1.1) + 6, "never more than the burst, the reserve and the rate"


@pytest.mark.covers("G1")
@pytest.mark.parametrize("mode", ["standard", "adaptive"])
def test_botocore_gets_past_a_limit_by_its_own_retries(served: Served, mode: Any) -> None:
    akia, key = own(served), served.administrator
    akia.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=15, Burst=5)
    config = Config(retries={"mode": mode, "total_max_attempts": 12})
    session: Any = boto3.Session(key.access_key_id, key.secret_access_key, region_name="us-east-1")
    client = session.client("sts", endpoint_url=served.endpoint, config=config)
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.extend(client.get_caller_identity() for _ in range(8))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40, "every call succeeded in the end"
    [limit] = akia.list_limits()["Limits"]
    assert limit["ThrottledCount"] > 0, "and some had to try again"


def test_a_limit_counts_at_every_worker_from_the_next_request_on(served: Served) -> None:
    akia = own(served)
    clients = [served.client("sts") for _ in range(8)]
    assert [granted(client.get_caller_identity, 2) for client in clients] == [2] * 8
    akia.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=0.001, Burst=3)
    assert 3 <= sum(granted(client.get_caller_identity, 2) for client in clients) <= 4, "the burst, and perhaps the reserve"
    akia.delete_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity")
    assert [granted(client.get_caller_identity, 2) for client in clients] == [2] * 8


@pytest.mark.covers("X6", "I6.limits.workers")
def test_neither_restart_nor_kill_9_forgets_a_budget(tmp_path: Path) -> None:
    home = tmp_path / "home"
    akia = serve(home, "--workers", "2")
    try:
        iam = akia.client("iam")
        iam.create_user(UserName="ann")
        made = iam.create_access_key(UserName="ann")["AccessKey"]
        key = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
        own(akia).put_limit(Scope="KEY", Subject=key.access_key_id, DailyBudget=10)
        assert granted(akia.client("sts", key).get_caller_identity, 4) == 4
        akia.kill()
        akia = serve(home, "--workers", "2", port=akia.port)
        assert granted(akia.client("sts", key).get_caller_identity, 3) == 3
        assert akia.stop() == 0
        akia = serve(home, port=akia.port)
        assert granted(akia.client("sts", key).get_caller_identity, 9) == 3
    finally:
        akia.kill()


def test_nt_74_a_forged_address_is_no_fresh_allowance_without_a_declared_proxy(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text("aws = false\n[address]\nrate = 0.001\nburst = 20\n")
    akia = serve(tmp_path / "home", "--limits", str(file))
    try:
        key = akia.administrator
        statuses = [
            status
            for number in range(4)
            for status in hammer(akia, key, 0.3, 1, {"X-Forwarded-For": f"8.8.8.{number}", "Forwarded": f"for=8.8.8.{number}"})
        ]
        assert statuses.count(200) == 20 and statuses[-1] == 400
    finally:
        akia.kill()


def test_an_installation_has_the_rates_of_aws(tmp_path: Path) -> None:
    akia = serve(tmp_path / "home", "--limits", "aws")
    try:
        listed = {limit.get("Action"): limit for limit in own(akia).list_limits(MaxResults=1000)["Limits"]}
        assert [listed[name]["Rate"] for name in ("sts:*", "cloudtrail:LookupEvents")] == [600.0, 2.0]
        statuses = hammer(akia, akia.administrator, 0.2, 1)
        assert set(statuses) == {200}
    finally:
        akia.kill()
