"""Events from outside: what a channel takes, and what an event data store keeps of it.

An event comes as the text of a JSON object (`eventData`). What is wrong with one keeps none of the others out.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

import orjson

from akia.trail.moment import epoch
from akia.trail.not_taken import NotTaken, json_of
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT_VERSION = "1.0"
LONGEST = {
    "version": 256, "eventSource": 256, "eventName": 256, "UID": 256, "userAgent": 1_024, "sourceIPAddress": 256, "errorCode": 256,
    "errorMessage": 256, "recipientAccountId": 12,
}  # fmt: skip
"""Texts of an event, and their lengths in characters."""
LONGEST_OF_IDENTITY = {"type": 128, "principalId": 1_024}
LARGEST = {
    "userIdentity": 100 * 1_024,
    "requestParameters": 100 * 1_024,
    "responseElements": 100 * 1_024,
    "additionalEventData": 28 * 1_024,
}
"""Objects of an event, and their sizes in bytes of JSON."""
_REQUIRED = ("version", "userIdentity", "eventSource", "eventName", "eventTime", "UID", "recipientAccountId")
_AWS = ".amazonaws.com"


class Passage(NamedTuple):
    """Through which channel events come, `now` (epoch seconds). `id` is that of the channel, `account` and `region` are its own."""

    id: UUID
    arn: str
    account: str
    region: str
    now: int


class Taken(NamedTuple):
    """What is kept: `at_ms` is when it happened (epoch milliseconds), `record` JSON."""

    event_id: str
    at_ms: int
    record: str


def taken(text: str, checksum: str | None, passage: Passage) -> Taken:
    """The event in `text`, as it is kept. The same event that comes through the same channel again is the same: its id follows from its
    UID. Raises NotTaken."""
    if checksum is not None and not hmac.compare_digest(checksum.encode(), b64encode(sha256(text.encode()).digest())):
        raise NotTaken("InvalidChecksum", "The checksum is not that of the event data.")
    data = _parsed(text)
    _require_whole(data)
    _require_fitting(data)
    if data["recipientAccountId"] != passage.account:
        raise NotTaken("InvalidRecipient", "The recipient account is not that of the channel.")
    if data["eventSource"].lower().endswith(_AWS):
        raise NotTaken("InvalidEventSource", "The event source is that of an AWS service.")
    event_id = str(uuid5(passage.id, data["UID"]))
    record = {
        "eventVersion": EVENT_VERSION,
        "eventCategory": "ActivityAuditLog",
        "eventType": "ActivityLog",
        "eventID": event_id,
        "eventTime": data["eventTime"],
        "awsRegion": passage.region,
        "recipientAccountId": passage.account,
        "metadata": {"ingestionTime": timestamp(passage.now), "channelARN": passage.arn},
        "eventData": data,
    }
    return Taken(event_id, _milliseconds(data["eventTime"]), json_of(record, "InvalidData").decode())


def _parsed(text: str) -> dict[str, Any]:
    try:
        data = orjson.loads(text)
    except ValueError:
        raise NotTaken("InvalidData", "The event data is not JSON.") from None
    if not isinstance(data, dict):
        raise NotTaken("InvalidData", "The event data is not an object.")
    return data


def _require_whole(data: Mapping[str, Any]) -> None:
    """Raises NotTaken if something is missing."""
    missing = [name for name in _REQUIRED if data.get(name) in (None, "")]
    identity = data.get("userIdentity")
    if not missing and isinstance(identity, dict):
        missing = [f"userIdentity.{name}" for name in LONGEST_OF_IDENTITY if identity.get(name) in (None, "")]
    if missing:
        raise NotTaken("FieldNotFound", f"The event data lacks {', '.join(missing)}.")


def _require_fitting(data: Mapping[str, Any]) -> None:
    """Raises NotTaken for what is too long, or of the wrong kind."""
    _require_texts(data, LONGEST)
    for name, largest in LARGEST.items():
        value = data.get(name)
        if value is not None and not isinstance(value, dict):
            raise NotTaken("InvalidData", f"{name} is not an object.")
        if value is not None and len(json_of(value, "InvalidData")) > largest:
            raise NotTaken("FieldTooLong", f"{name} is too large.")
    _require_texts(data["userIdentity"], LONGEST_OF_IDENTITY)
    _milliseconds(data["eventTime"])


def _require_texts(values: Mapping[str, Any], longest: Mapping[str, int]) -> None:
    for name, length in longest.items():
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise NotTaken("InvalidData", f"{name} is not a string.")
        if value is not None and len(value) > length:
            raise NotTaken("FieldTooLong", f"{name} is longer than {length} characters.")


def _milliseconds(moment: object) -> int:
    """Epoch milliseconds. Raises NotTaken."""
    try:
        return epoch(moment) * 1000
    except ValueError as problem:
        raise NotTaken("InvalidData", f"eventTime is {problem}.") from None
