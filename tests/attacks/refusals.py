"""What every refusal must do, as one assertion that all attacks share.

One event and exactly one, with time, request id, source, operation, code and who it was (or claimed to be); no effect on anything
that is stored; no secret in the answer or in what is kept; never a 500.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from akia.authority.facts import RequestFacts
from akia.aws.errors import Family
from akia.aws.ids import new_guid
from akia.pipeline.request import Request

if TYPE_CHECKING:
    from akia.assembly import Akia
    from akia.store.trail.event_row import EventRow
    from akia.testing.in_process import InProcess
    from akia.wire import Answer, HttpRequest

_ADDRESSES = count()
_TRAIL = {"events", "event_resources", "journal_positions", "key_uses", "role_uses", "outbox", "event_principals"}

NO_CREDENTIALS = {
    Family.QUERY: ("MissingAuthenticationToken", 403),
    Family.JSON: ("MissingAuthenticationTokenException", 400),
    Family.REST_JSON: ("MissingAuthenticationTokenException", 403),
}
DEAD_KEY = {
    Family.QUERY: ("InvalidClientTokenId", 403),
    Family.JSON: ("UnrecognizedClientException", 400),
    Family.REST_JSON: ("UnrecognizedClientException", 403),
}
WRONG_SIGNATURE = {
    Family.QUERY: ("SignatureDoesNotMatch", 403),
    Family.JSON: ("InvalidSignatureException", 400),
    Family.REST_JSON: ("InvalidSignatureException", 403),
}
DENIED = {
    Family.QUERY: ("AccessDenied", 403),
    Family.JSON: ("AccessDeniedException", 400),
    Family.REST_JSON: ("AccessDeniedException", 403),
}
NOT_BUILT = {
    Family.QUERY: ("NotImplemented", 501),
    Family.JSON: ("NotImplementedException", 501),
    Family.REST_JSON: ("NotImplementedException", 501),
}


@dataclass(frozen=True)
class Refusal:
    """An answer that says no, as a client reads it."""

    code: str
    status: int
    message: str
    request_id: str
    source: str
    claimed: str


@dataclass
class Observer:
    """Sends raw requests to one akia and watches what becomes of them. Each request comes from an address of its own.

    `worker` is another process's akia over the same data, if requests shall go there.
    """

    akia: InProcess
    worker: Akia | None = None
    secrets: set[str] = field(default_factory=set)
    _pending: list[Refusal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secrets |= {self.akia.root.secret_access_key, self.akia.admin.secret_access_key}
        self._worker = self.worker or self.akia.akia
        self._direct = self._worker.direct()
        self._before = self._contents()
        self._source = ""

    def send(self, http: HttpRequest, *, received: float | None = None) -> Answer:
        """The answer to `http`, received at `received` (epoch seconds; default: now)."""
        number = next(_ADDRESSES)
        self._source = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        agent = dict(http.headers).get(b"user-agent", b"").decode("latin-1")
        now = time.time() if received is None else received
        facts = RequestFacts(new_guid(), now, self._source, secure=False, user_agent=agent, host="akia.local:2542")
        return self._direct.answer(Request(http, facts))

    def accepted(self, http: HttpRequest, *, received: float | None = None) -> Answer:
        """The answer to `http`, which must be a success."""
        answer = self.send(http, received=received)
        assert answer.status < 300, answer
        return answer

    def refused(
        self, http: HttpRequest, code: str, status: int | None = None, *, received: float | None = None, settle: bool = True
    ) -> Refusal:
        """`http` is refused with `code`, and all holds that must hold for a refusal. `settle=False` leaves the second half to `settle`."""
        if settle:
            self.watch()
        answer = self.send(http, received=received)
        refusal = read(answer, self._source, claimed_key(http))
        assert (refusal.code, refusal.status) == (code, refusal.status if status is None else status), (refusal, http)
        assert 400 <= refusal.status < 500 or refusal.status in (501, 503), refusal
        self._holds_no_secret(repr(answer))
        self._pending.append(refusal)
        if settle:
            self.settle()
        return refusal

    def watch(self) -> None:
        """From now on nothing may change."""
        self._before = self._contents()

    def settle(self) -> list[EventRow]:
        """Every refusal since `watch` has left one event and changed nothing. The events."""
        self._worker.authority.drain()
        assert self._contents() == self._before
        settled, self._pending = self._pending, []
        return [self._check_event(refusal) for refusal in settled]

    def events(self, request_id: str) -> list[EventRow]:
        """The events of one request."""
        self._worker.authority.drain()
        return self._worker.store.events.by_request_id(request_id)

    def _check_event(self, refusal: Refusal) -> EventRow:
        events = self._worker.store.events.by_request_id(refusal.request_id)
        assert len(events) == 1, (refusal, events)
        event, record = events[0], json.loads(events[0].record)
        assert (event.error_code, record["errorCode"]) == (refusal.code, refusal.code)
        assert (record["requestID"], record["sourceIPAddress"]) == (refusal.request_id, refusal.source)
        assert (record["eventID"], record["eventName"], record["eventSource"]) == (event.event_id, event.name, event.source)
        assert event.name
        assert abs(event.at_ms / 1000 - time.time()) < 60
        identity = record["userIdentity"]
        if event.verified:
            assert identity["type"] in {"IAMUser", "Root", "AssumedRole"}
            assert identity["accessKeyId"] == refusal.claimed == event.access_key_id
        else:
            assert identity["type"] == "Unknown"
            assert identity["accessKeyId"] in {refusal.claimed, ""}
            assert json.loads(event.decision) == []
        self._holds_no_secret(event.record + event.decision)
        return event

    def _holds_no_secret(self, text: str) -> None:
        for secret in self.secrets:
            assert secret not in text

    def _contents(self) -> dict[str, list[Any]]:
        """All rows of all tables but those of the trail."""
        with closing(sqlite3.connect(self.akia.directory / "akia.db")) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: _rows(connection, name) for name in names if name not in _TRAIL}


def _rows(connection: sqlite3.Connection, table: str) -> list[Any]:
    where = " WHERE policy_id IN (SELECT id FROM managed_policies WHERE account <> 'aws')" if table == "policy_versions" else ""
    return connection.execute(f"SELECT * FROM {table}{where}").fetchall()


def claimed_key(http: HttpRequest) -> str:
    """The key id that a request claims, if it claims one that can be."""
    header = dict(http.headers).get(b"authorization", b"")
    text = header.partition(b"Credential=")[2] or http.query.partition(b"X-Amz-Credential=")[2].replace(b"%2F", b"/")
    return text.partition(b"/")[0].decode("latin-1")


def read(answer: Answer, source: str = "", claimed: str = "") -> Refusal:
    """An error as a client reads it: from XML or JSON, with the request id of its header."""
    headers = dict(answer.headers)
    request_id = headers[b"x-amzn-requestid"].decode()
    if b"json" in headers[b"content-type"]:
        body = json.loads(answer.body)
        inner = body.get("Error", body)
        code = inner.get("Code") or inner.get("__type") or headers[b"x-amzn-errortype"].decode()
        return Refusal(
            code.rpartition("#")[2], answer.status, inner.get("Message") or inner.get("message", ""), request_id, source, claimed
        )
    root = ElementTree.fromstring(answer.body)
    code, message = (root.findtext(f".//{{*}}{name}") or "" for name in ("Code", "Message"))
    assert (root.findtext("{*}RequestId") or root.findtext("{*}RequestID")) == request_id
    return Refusal(code, answer.status, message, request_id, source, claimed)
