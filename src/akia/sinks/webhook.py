"""A webhook of your own, signed as Standard Webhooks says (version 1): HMAC-SHA256 over id, time and body, in `webhook-signature`.

Any of that specification's libraries verifies a delivery. Its id is made of the events in it: a repetition has the same one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import orjson

from akia.sinks.intake import Intake
from akia.sinks.sink import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=100, bytes=900_000)
PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, as the specification has it."""


class Webhook:
    limits = LIMITS

    def __init__(self, intake: Intake, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._intake = intake
        self._secret = secret
        self._clock = clock

    def send(self, events: Sequence[EventRow]) -> int:
        records = [orjson.Fragment(event.record) for event in events]
        body = orjson.dumps({"type": "akia.events", "data": {"Records": records}})
        id_ = "msg_" + hashlib.sha256("".join(event.event_id for event in events).encode()).hexdigest()[:32]
        seconds = str(int(self._clock()))
        signature = signed(self._secret, id_, seconds, body)
        self._intake.post(body, {"webhook-id": id_, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"})
        return 0


def signed(secret: bytes, id_: str, seconds: str, body: bytes) -> str:
    """The signature of a delivery, in base64."""
    return base64.b64encode(hmac.digest(secret, f"{id_}.{seconds}.".encode() + body, "sha256")).decode()


def read(table: Table) -> Webhook:
    """A sink from its settings: `url`; `secret_file` or `secret_variable` (`whsec_` and 24 to 64 bytes in base64); `headers`."""
    url, headers = table.url("url"), table.pairs("headers") | {"Content-Type": "application/json"}
    try:
        secret = base64.b64decode(table.secret("secret").value.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not SHORTEST <= len(secret) <= LONGEST:
        raise table.wrong("secret", f"expected {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64: echo whsec_$(openssl rand -base64 32)")
    return Webhook(Intake(table.client(), url, headers, compresses=False), secret)
