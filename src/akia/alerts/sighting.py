"""One event, as rules see it, and what is known beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

_LONG_TERM = "AKIA"


class KeyState(StrEnum):
    """What has become of the long-term key that an event names."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    DELETED = "deleted"
    UNKNOWN = ""
    """It has never existed, or is none of akia's."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of what an event names: the key and its account, whether it is a honeytoken, and the text of the managed policy
    that the event attaches, detaches or switches to another version (`policy_of` says which)."""

    key: KeyState = KeyState.UNKNOWN
    account: str = ""
    honeytoken: str = ""
    """What the honeytoken is called: a key id, a user's or a role's ARN; "" if there is none."""
    document: str | None = None


class Sighting(NamedTuple):
    """`verified`: whether the caller proved to hold `access_key_id`, else it was only claimed (NT-93). `at_ms` in epoch milliseconds;
    `error_code` is "" for success. `arn` is the principal's, `issuer` that of the role behind a session, "" where there is none."""

    event_id: str
    account: str
    at_ms: int
    name: str
    service: str
    region: str
    access_key_id: str
    verified: bool
    error_code: str
    source_ip: str
    user_agent: str
    kind: str
    arn: str
    issuer: str
    user_name: str
    by_service: bool
    """Whether it tells of what akia or its operator did, without a request."""
    parameters: Mapping[str, Any]
    response: Mapping[str, Any]
    limit: Mapping[str, Any]
    """The limit that has refused the call, or of which it has used nearly the last."""

    def __repr__(self) -> str:
        return f"Sighting({self.event_id})"  # what was asked and answered is nobody's business

    @property
    def has_long_term_key(self) -> bool:
        return self.access_key_id.startswith(_LONG_TERM)

    @property
    def actor(self) -> str:
        """Whose habits it shows: a long-term key, or the role or user behind a session, whose keys change all the time. "" for nobody."""
        if not self.verified or self.by_service or not self.access_key_id:
            return ""
        return self.access_key_id if self.has_long_term_key else self.issuer or self.arn


def sighting(
    *,
    event_id: str,
    account: str,
    at_ms: int,
    name: str,
    source: str,
    region: str,
    access_key_id: str,
    verified: bool,
    error_code: str,
    record: Mapping[str, Any],
) -> Sighting:
    """The sighting in an event's columns and its CloudTrail record (AC1.1). Never raises for what the record lacks."""
    identity = _mapping(record.get("userIdentity"))
    issuer = _mapping(_mapping(identity.get("sessionContext")).get("sessionIssuer"))
    return Sighting(
        event_id,
        account,
        at_ms,
        name,
        source.removesuffix(".amazonaws.com"),
        region,
        access_key_id,
        verified,
        error_code,
        _text(record.get("sourceIPAddress")),
        _text(record.get("userAgent")),
        _text(identity.get("type")),
        _text(identity.get("arn")),
        _text(issuer.get("arn")),
        _text(identity.get("userName")),
        record.get("eventType") == "AwsServiceEvent",
        _mapping(record.get("requestParameters")),
        _mapping(record.get("responseElements")),
        _mapping(_mapping(record.get("additionalEventData")).get("limit")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
