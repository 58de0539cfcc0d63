"""Every call that was answered has exactly one event, whatever happens to the processes meanwhile."""

from __future__ import annotations

import http.client
import random
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.attacks.signer import Signer, forged, form
from tests.served import Served, serve

from akia.store.founding import KeyPair

if TYPE_CHECKING:
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


@pytest.mark.covers("I5.faults.every_call")
def test_after_kill_9_amid_ten_thousand_calls_of_every_kind_each_answered_one_has_exactly_one_event(tmp_path: Path) -> None:
    served = serve(tmp_path, "--workers", "2")
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
        served = serve(tmp_path, "--workers", "2", port=served.port)
    for thread in threads:
        thread.join(60)
    assert served.stop() == 0

    assert len(load.answered) >= CALLS
    assert {(kind, status) for kind, status in load.answered.values()} == set(EXPECTED.items())
    with sqlite3.connect(served.data / "akia.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        events = database.execute("SELECT request_id, name, error_code FROM events").fetchall()
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
