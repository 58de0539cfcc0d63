"""The event history: LookupEvents (AC6)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

from akia.keyring import Purpose, Unsealable
from akia.operation import Access, Context, everything
from akia.services.cloudtrail._cloudtrail import (
    InvalidEventCategoryException,
    InvalidLookupAttributesException,
    InvalidNextTokenException,
    InvalidTimeRangeException,
    cloudtrail,
)
from akia.store.trail.events import Attribute

if TYPE_CHECKING:
    from akia.store.trail.event_row import EventRow
    from akia.wire.shapes import cloudtrail as shapes

DAYS = 90
"""How far the history reaches back (AC6.2)."""
PAGE = 50
"""Events per answer, at most and by default (AC6.1)."""
_DAY_MS = 86_400_000
Position = tuple[int, str]


@cloudtrail.operation("LookupEvents", access=Access.LIST, resource=everything)
def lookup_events(ctx: Context, request: shapes.LookupEventsRequest) -> shapes.LookupEventsResponse:
    """The account's events, newest first; every call that was answered before this one is among them.

    Events of all regions show (AC6.2). Raises the errors of `_cloudtrail`.
    """
    attribute, value = _attribute(request)
    start, end = _period(request, ctx.now)
    if request.get("EventCategory") is not None and request["EventCategory"] != "insight":
        raise InvalidEventCategoryException("The event category is not valid.")
    before = _open(ctx, request)
    if request.get("EventCategory") == "insight":
        return {"Events": []}
    ctx.authority.drain_journals()
    limit = request.get("MaxResults") or PAGE
    rows = ctx.store.events.lookup(ctx.account, attribute, value, start_ms=start, end_ms=end, before=before, limit=limit + 1)
    response: shapes.LookupEventsResponse = {"Events": [_event(row) for row in rows[:limit]]}
    if len(rows) > limit:
        response["NextToken"] = _seal(ctx, request, (rows[limit - 1].at_ms, rows[limit - 1].event_id))
    return response


def _attribute(request: shapes.LookupEventsRequest) -> tuple[Attribute | None, str]:
    """The one attribute that may be given (AC6.1)."""
    given = request.get("LookupAttributes") or []
    if len(given) > 1:
        raise InvalidLookupAttributesException("Only one lookup attribute can be specified.")
    return (Attribute(given[0]["AttributeKey"]), given[0]["AttributeValue"]) if given else (None, "")


def _period(request: shapes.LookupEventsRequest, now: int) -> tuple[int, int]:
    """From when to when, in epoch milliseconds."""
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start > end:
        raise InvalidTimeRangeException("The start time must be before the end time.")
    oldest = now * 1000 - DAYS * _DAY_MS
    first = int(start.timestamp() * 1000) if start is not None else oldest
    last = int(end.timestamp() * 1000) + 999 if end is not None else (now + 1) * 1000
    return max(first, oldest), last


def _event(row: EventRow) -> shapes.Event:
    """AC6.3."""
    event: shapes.Event = {
        "EventId": row.event_id,
        "EventName": row.name,
        "ReadOnly": "true" if row.read_only else "false",
        "EventTime": datetime.fromtimestamp(row.at_ms // 1000, UTC),
        "EventSource": row.source,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in row.resources],
        "CloudTrailEvent": row.record,
    }
    if row.access_key_id:
        event["AccessKeyId"] = row.access_key_id
    if row.username:
        event["Username"] = row.username
    return event


# NextToken: the position of the last event, sealed, and bound to the parameters it was given for (AC6.1).


def _bound_to(ctx: Context, request: shapes.LookupEventsRequest) -> bytes:
    parameters = {key: value for key, value in request.items() if key not in {"NextToken", "MaxResults"}}
    return sha256(ctx.account.encode() + orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS)).digest()


def _seal(ctx: Context, request: shapes.LookupEventsRequest, position: Position) -> str:
    sealed = ctx.store.keyring.seal(Purpose.PAGE_MARKERS, orjson.dumps(position), additional=_bound_to(ctx, request))
    return urlsafe_b64encode(sealed).decode()


def _open(ctx: Context, request: shapes.LookupEventsRequest) -> Position | None:
    token = request.get("NextToken")
    if token is None:
        return None
    try:
        text = ctx.store.keyring.unseal(Purpose.PAGE_MARKERS, urlsafe_b64decode(token), additional=_bound_to(ctx, request))
    except (Unsealable, ValueError):
        raise InvalidNextTokenException("The specified token is not valid for these parameters.") from None
    at_ms, event_id = orjson.loads(text)
    return at_ms, event_id
