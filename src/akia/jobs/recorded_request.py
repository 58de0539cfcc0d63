"""Requests as the trail remembers them: from an event and the decision record beside it, back to what policies were asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from akia.aws.regions import GLOBAL_REGION, GLOBAL_SERVICES
from akia.operation import Required
from akia.policy import PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from akia.policy import Value
    from akia.store.drafts.recorded_events import RecordedEvent

_TYPES = {"Root": "Account", "IAMUser": "User", "AssumedRole": "AssumedRole", "FederatedUser": "FederatedUser"}
"""`aws:PrincipalType` by the type of the event's identity (P4.2)."""
_UNKNOWN_ADDRESS = "AWS Internal"


class RecordedRequest(NamedTuple):
    """One decision of the past. `principal` is a unique id, `owner` the account of the resource, `outcome` what was decided.

    `context` is what policies saw. `session`: name and text (None: that of the managed policy of this name) of the session policies in
    force, as far as they are known: only denials keep them. Where a request was allowed they had no objection to this very request,
    and have none now. `delegate` is the account that acted with delegated credentials, or "" (SI17.6).
    """

    event_id: str
    at_ms: int
    place: int
    principal: str
    principal_arn: str
    required: Required
    owner: str
    outcome: str
    context: Mapping[str, Value]
    session: Sequence[tuple[str, str | None]]
    delegate: str = ""


def recorded_requests(event: RecordedEvent) -> Iterator[RecordedRequest]:
    """What policies were asked for one event, in the order in which they were."""
    record = orjson.loads(event.record)
    told = _told_by(record)
    delegate = (record["userIdentity"].get("invokedByDelegate") or {}).get("accountId", "")
    for place, decided in enumerate(orjson.loads(event.decision)):
        required = Required(decided["action"], decided["resources"][0])
        context = {**told, **{key: _value(value) for key, value in decided["context"].items()}}
        if required.service in GLOBAL_SERVICES:
            context["aws:requestedregion"] = GLOBAL_REGION
        yield RecordedRequest(
            event.event_id,
            event.at_ms,
            place,
            decided["principalId"],
            decided["principalArn"],
            required,
            str(context["aws:resourceaccount"]),
            decided["outcome"],
            context,
            [(name, text) for type_, name, text in decided.get("documents", ()) if type_ == PolicyType.SESSION],
            delegate,
        )


def _value(value: Any) -> Value:
    return value if isinstance(value, str) else tuple(value)


def _told_by(record: Mapping[str, Any]) -> dict[str, Value]:
    """The context keys that decision records of allowed requests leave out, since the event tells them (P4.3)."""
    identity = record["userIdentity"]
    session = identity.get("sessionContext") or {}
    told: dict[str, Value | None] = {
        "aws:currenttime": record["eventTime"],
        "aws:epochtime": str(int(datetime.fromisoformat(record["eventTime"]).timestamp())),
        "aws:requestedregion": record["awsRegion"],
        "aws:useragent": record["userAgent"],
        "aws:userid": identity.get("principalId"),
        "aws:principaltype": _TYPES.get(identity["type"]),
        "aws:principalaccount": identity.get("accountId"),
        "aws:principalarn": (session.get("sessionIssuer") or {}).get("arn") or identity.get("arn"),
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
    }
    if record["sourceIPAddress"] != _UNKNOWN_ADDRESS:
        told["aws:sourceip"] = record["sourceIPAddress"]
    if identity["type"] == "IAMUser":
        told["aws:username"] = identity["userName"]
    if "sourceIdentity" in session:
        told["aws:sourceidentity"] = session["sourceIdentity"]
    return {key: value for key, value in told.items() if value is not None}
