"""Every call that was answered has exactly one event, whatever happens to the processes meanwhile. So it is at those who are sent events,
once what came twice is told by its id."""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.signer import Signer, forged, form
from tests.outbound.server import LOOPBACK, authority
from tests.served import PATIENCE_SECONDS, Served, serve
from tests.sinks import intakes
from tests.sinks.test_intakes import SECRET

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from akia.wire import HttpRequest

CALLS = 10_000
CLIENTS = 6
KILLS = 3


@dataclass
class Load:
    """Calls of every kind, by several clients at once: each answered one is noted by its request id, with what was asked and the status."""

    administrator: Signer
    nobody: Signer
    port: int
    answered: dict[str, tuple[str, int]] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run_until(self, most: int) -> list[threading.Thread]:
        """Start clients that call until `most` calls are answered, or akia is gone."""
        threads = [threading.Thread(target=self._client, args=(most, number)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        return threads

    def _client(self, most: int, seed: int) -> None:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            while len(self.answered) < most:
                kind, request = self._request(chance)
                with self._lock:
                    self.attempts[kind] += 1
                connection.request("POST", "/", request.body, {name.decode(): value.decode() for name, value in request.headers})
                answer = connection.getresponse()
                answer.read()
                request_id = answer.headers["x-amzn-RequestId"]
                with self._lock:
                    self.answered[request_id] = (kind, answer.status)
        except (OSError, http.client.HTTPException):
            return  # killed: nothing was answered
        finally:
            connection.close()

    def _request(self, chance: random.Random) -> tuple[str, HttpRequest]:
        with self._lock:
            self._next += 1
            number = self._next
        match chance.choices(("read", "write", "denied", "failed", "forged"), (50, 20, 12, 12, 6))[0]:
            case "read":
                return "read", self.administrator.header(form("GetUser", UserName="nobody"))
            case "write":
                return "write", self.administrator.header(form("CreateUser", UserName=f"user-{number}"))
            case "denied":
                return "denied", self.nobody.header(form("CreateUser", UserName=f"never-{number}"))
            case "failed":
                return "failed", self.administrator.header(form("DeleteUser", UserName=f"absent-{number}"))
            case _:
                return "forged", forged(self.nobody.header(form("ListUsers")))


EXPECTED = {"read": 200, "write": 200, "denied": 403, "failed": 404, "forged": 403}


def started(served: Served) -> Load:
    iam = served.client("iam")
    iam.create_user(UserName="nobody")
    made = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = Signer.of(KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    return Load(Signer.of(served.administrator), nobody, served.port)


SINKS = """
[[sink]]
name = "file"
kind = "file"
path = "{folder}/copy.jsonl"

[[sink]]
name = "webhook"
kind = "webhook"
url = "{url}/hook"
secret_file = "{folder}/secret"
ca_file = "{folder}/tls/ca.pem"
"""


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[intakes.Intake]:
    """A webhook that outlives every akia."""
    authority(tmp_path / "tls", "127.0.0.1")
    with intakes.serving(tmp_path / "tls", intakes.webhook) as running:
        (tmp_path / "secret").write_text(SECRET)
        (tmp_path / "sinks.toml").write_text(SINKS.format(folder=tmp_path, url=running.url))
        yield running


@pytest.mark.covers("I5.faults.every_call", "I5.streams.once")
def test_after_kill_9_amid_ten_thousand_calls_of_every_kind_each_answered_one_has_exactly_one_event(
    tmp_path: Path, intake: intakes.Intake
) -> None:
    options = ("--workers", "2", "--sinks", str(tmp_path / "sinks.toml"), "--outbound-allowed-network", LOOPBACK[0])
    served = serve(tmp_path, *options)
    load = started(served)
    for kill in range(1, KILLS + 2):
        aim = CALLS * kill // (KILLS + 1)
        threads = load.run_until(CALLS if kill <= KILLS else aim)
        while len(load.answered) < aim and any(thread.is_alive() for thread in threads):
            time.sleep(0.005)
        if kill > KILLS:
            break
        served.kill()
        for thread in threads:
            thread.join(60)
        served = serve(tmp_path, *options, port=served.port)
    for thread in threads:
        thread.join(60)
    wait_for_sinks(served, load)
    assert served.stop() == 0

    assert len(load.answered) >= CALLS
    assert {(kind, status) for kind, status in load.answered.values()} == set(EXPECTED.items())
    with sqlite3.connect(served.data / "akia.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        events = database.execute("SELECT request_id, name, error_code FROM events").fetchall()
        ids = [event_id for (event_id,) in database.execute("SELECT event_id FROM events ORDER BY rowid")]
        users = {name for (name,) in database.execute("SELECT name FROM users")}
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    times = Counter(request_id for request_id, _, _ in events)
    assert max(times.values()) == 1, "an event twice"
    missing = [what for request_id, what in load.answered.items() if request_id not in times]
    assert missing == [], "an answer without its event"
    created = sum(1 for _, name, code in events if name == "CreateUser" and not code)
    assert created == len(users), "one event for each change, and no change without its event"
    unanswered = sum(load.attempts.values()) - len(load.answered)
    assert unanswered <= KILLS * CLIENTS
    assert len(events) - len(load.answered) <= unanswered + 8, "events of nothing but what was asked"
    assert len(set(ids)) == len(ids), "an id twice"
    assert_sent_once_by_id(copied(tmp_path / "copy.jsonl"), ids, times)
    assert_sent_once_by_id([record for posted in intake.taken for record in intakes.records(posted)], ids, times)


def wait_for_sinks(served: Served, load: Load) -> None:
    """Until every answered call is in the trail, and all sinks have passed the whole of it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    passed = "SELECT min(number) FROM event_cursors WHERE reader LIKE 'sink/%'"
    with closing(sqlite3.connect(served.data / "akia.db")) as database:
        while True:
            recorded = {request_id for (request_id,) in database.execute("SELECT request_id FROM events")}
            lag = database.execute(f"SELECT max(rowid) - ({passed}) FROM events").fetchone()
            if load.answered.keys() <= recorded and lag == (0,):
                return
            assert time.monotonic() < deadline, "the sinks lag behind"
            time.sleep(0.2)


def copied(path: Path) -> list[dict[str, Any]]:
    """The records of the file sink. A kill may have cut a line: what was in it comes again, on a line of its own."""
    found, cut = [], 0
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            cut += 1
    assert cut <= KILLS
    return found


def assert_sent_once_by_id(records: list[dict[str, Any]], ids: list[str], requests: Counter[str]) -> None:
    """What a sink was sent is the whole trail in its order, each call once, if what has an id that came before is passed over. It goes back
    once a kill at the most: to the beginning of the delivery that was not noted yet, the whole of which is repeated as it was."""
    once = {record["eventID"]: record for record in records}
    assert list(once) == ids
    assert Counter(record["requestID"] for record in once.values()) == requests
    assert all(once[record["eventID"]] == record for record in records), "an id with two contents"
    place = {event_id: number for number, event_id in enumerate(ids)}
    steps = [place[after["eventID"]] - place[before["eventID"]] for before, after in pairwise(records)]
    assert sum(step != 1 for step in steps) <= KILLS
    assert all(step <= 1 for step in steps), "something was passed over"
