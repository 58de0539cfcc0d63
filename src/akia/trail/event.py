"""The event: one CloudTrail record for each call, refused ones included (AC1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.regions import GLOBAL_REGION, GLOBAL_SERVICES
from akia.trail.user_identity import Identity, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVENT_VERSION = "1.11"
LONGEST_TEXT = 1_024
"""Of userAgent, errorCode and errorMessage (AC1.1)."""
LONGEST_PARAMETERS = 100 * 1_024
"""Of requestParameters and responseElements, as characters of JSON (AC1.1)."""


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
        "userAgent": call.user_agent[:LONGEST_TEXT],
    }
    if call.error_code is not None:
        event["errorCode"] = call.error_code[:LONGEST_TEXT]
        event["errorMessage"] = (call.error_message or "")[:LONGEST_TEXT]
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
