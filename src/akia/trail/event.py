"""The event: one CloudTrail record for each call, refused ones included (AC1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.regions import GLOBAL_REGION, GLOBAL_SERVICES
from akia.trail.user_identity import Identity, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVENT_VERSION = "1.11"
LONGEST_TEXT = 1_024
"""Of userAgent, errorCode and errorMessage, in bytes (AC1.1)."""
LARGEST = {"requestParameters": 100 * 1_024, "responseElements": 100 * 1_024, "additionalEventData": 28 * 1_024}
"""Of the members that hold more than a text, in bytes of JSON (AC1.1)."""


@dataclass(slots=True)
class Happening:
    """What is known of a call when it is over. `ended` is in epoch seconds. Parameters and response come redacted (AC3)."""

    event_id: str
    request_id: str
    ended: float
    service: str
    operation: str
    identity: Identity
    account: str
    source_ip: str | None
    user_agent: str
    region: str
    read_only: bool
    parameters: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    error_code: str | None = None
    error_message: str | None = None
    resources: Iterable[Mapping[str, str]] = ()
    additional: Mapping[str, Any] | None = None
    tls: Mapping[str, str] | None = None
    shared_event_id: str | None = None


def event_source(service: str) -> str:
    """`eventSource` of a service, by its signing name (AC1.1)."""
    return f"{service}.amazonaws.com"


def event_region(service: str, region: str) -> str:
    """Where the event is filed: global services in us-east-1 (AC1.1)."""
    return GLOBAL_REGION if service in GLOBAL_SERVICES or not region else region


def record(call: Happening) -> dict[str, Any]:
    """The CloudTrail record of a call, as a dict in AWS's order of members (AC1.1)."""
    event: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": call.identity,
        "eventTime": timestamp(call.ended),
        "eventSource": event_source(call.service),
        "eventName": call.operation,
        "awsRegion": event_region(call.service, call.region),
        "sourceIPAddress": call.source_ip or "AWS Internal",
        "userAgent": _shortened(call.user_agent),
    }
    if call.error_code is not None:
        event["errorCode"] = _shortened(call.error_code)
        event["errorMessage"] = _shortened(call.error_message or "")
    event["requestParameters"] = call.parameters
    event["responseElements"] = call.response
    if call.additional:
        event["additionalEventData"] = call.additional
    event |= {"requestID": call.request_id, "eventID": call.event_id, "readOnly": call.read_only}
    resources = list(call.resources)
    if resources:
        event["resources"] = resources
    event |= {
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }
    if call.shared_event_id:
        event["sharedEventID"] = call.shared_event_id
    if call.tls:
        event["tlsDetails"] = call.tls
    return event


def written(call: Happening) -> str:
    """`record` as JSON. What is too large is left out, and the record says so (contested: `what_is_too_large_is_told_to_be_omitted`)."""
    event = record(call)
    text = orjson.dumps(event)
    if len(text) > min(LARGEST.values()):
        event |= {name: _omitted(name, size) for name, largest in LARGEST.items() if (size := len(orjson.dumps(event.get(name)))) > largest}
        text = orjson.dumps(event)
    return text.decode()


def _omitted(name: str, size: int) -> dict[str, Any]:
    return {"omitted": True, "originalSize": size, "reason": f"{name} too large"}


def _shortened(text: str) -> str:
    """`text` in at most LONGEST_TEXT bytes of UTF-8, no character of it cut in two."""
    if len(text) <= LONGEST_TEXT // 4:
        return text
    return text.encode()[:LONGEST_TEXT].decode(errors="ignore")
