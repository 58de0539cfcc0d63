"""Stand-ins for vendors' intakes, on 127.0.0.1 and over TLS: they take what the vendors' documentation lets in, and nothing else.

They are not the vendors' programs: what they check are the documented limits, headers and codes.
"""

from __future__ import annotations

import gzip
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.https import Handler, listening, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "key-of-the-intake-0123456789"
SUMO_PATH = "/receiver/v1/http/c2VjcmV0LWNvZGU="
Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Posted:
    """One request. `sent` is the body as it came, `body` without compression."""

    path: str
    headers: dict[str, str]
    sent: bytes
    body: bytes


@dataclass
class Intake:
    """A running intake. While `down` is set it answers with that; what it has taken is in `taken`."""

    port: int
    taken: list[Posted] = field(default_factory=list)
    asked: list[Posted] = field(default_factory=list)
    down: Answer | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def event_ids(self) -> list[str]:
        """The ids of the events in what was taken, in order, repetitions included."""
        return [record["eventID"] for posted in self.taken for record in records(posted)]


def records(posted: Posted) -> list[dict[str, Any]]:
    """The records in a delivery of any kind."""
    if posted.path == SUMO_PATH:
        return [json.loads(line) for line in posted.body.decode().splitlines()]
    told = json.loads(posted.body)
    if posted.path == "/api/v2/logs":
        return [json.loads(entry["message"]) for entry in told]
    if posted.path == "/log/v1":
        return [json.loads(entry["message"]) for block in told for entry in block["logs"]]
    if posted.path == "/v1/logs":
        logs = [one for resource in told["resourceLogs"] for scope in resource["scopeLogs"] for one in scope["logRecords"]]
        return [json.loads(one["body"]["stringValue"]) for one in logs]
    found: list[dict[str, Any]] = told["data"]["Records"]
    return found


def datadog(posted: Posted) -> Answer:
    """https://docs.datadoghq.com/api/latest/logs: 5 MB, 1,000 entries, 1 MB each; 202 for what is taken."""
    if posted.path != "/api/v2/logs" or posted.headers.get("content-type") != "application/json":
        return 400, {}, b""
    if posted.headers.get("dd-api-key") != KEY:
        return 403, {}, b""
    entries = json.loads(posted.body)
    too_large = len(posted.body) > 5_000_000 or len(entries) > 1_000 or any(len(json.dumps(entry)) > 1_000_000 for entry in entries)
    return (413 if too_large else 202), {}, b"{}"


def new_relic(posted: Posted) -> Answer:
    """New Relic's Log API: 1 MB compressed, POST only, a list of blocks; 202 for what is taken."""
    if posted.path != "/log/v1" or len(posted.sent) > 1_000_000:
        return 413, {}, b""
    if posted.headers.get("api-key") != KEY:
        return 403, {}, b""
    blocks = json.loads(posted.body)
    good = all(isinstance(log["timestamp"], int) and isinstance(log["message"], str) for block in blocks for log in block["logs"])
    return (202 if good else 400), {}, b'{"requestId":"1"}'


def sumo_logic(posted: Posted) -> Answer:
    """Sumo Logic's HTTP source: the path is the key; 1 MB before compression; 200 for what is taken."""
    if posted.path != SUMO_PATH:
        return 401, {}, b""
    good = len(posted.body) <= 1_000_000 and posted.headers.get("x-sumo-category") == "aws/cloudtrail"
    return (200 if good else 413), {}, b""


def otlp(posted: Posted) -> Answer:
    """The OTLP specification: JSON by its media type, 200 with an empty object for what is taken whole."""
    if posted.path != "/v1/logs" or posted.headers.get("content-type") != "application/json":
        return 400, {}, b""
    return 200, {"Content-Type": "application/json"}, b"{}"


def webhook(posted: Posted) -> Answer:
    return 204, {}, b""


@contextmanager
def serving(folder: Path, rule: Callable[[Posted], Answer], port: int = 0) -> Iterator[Intake]:
    """An intake with the certificate in `folder` (`tests.outbound.server.authority`), which answers as `rule` says."""

    class Taking(Handler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent = self.rfile.read(int(headers["content-length"]))
            if len(sent) < int(headers["content-length"]):  # the other side has given up: nobody takes half a request
                self.close_connection = True
                return
            body = gzip.decompress(sent) if headers.get("content-encoding") == "gzip" else sent
            posted = Posted(self.path, headers, sent, body)
            intake.asked.append(posted)
            status, more, answer = intake.down or rule(posted)
            if 200 <= status < 300:
                intake.taken.append(posted)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with listening(Taking, server_context(folder / "chain.pem", folder / "key.pem"), port) as bound:
        intake = Intake(bound)
        yield intake
