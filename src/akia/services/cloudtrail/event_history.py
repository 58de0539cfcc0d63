"""The event history: LookupEvents (AC6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from akia.authority.page_tokens import page_token
from akia.keyring import Unsealable
from akia.operation import Access, Context, everything
from akia.services.cloudtrail._cloudtrail import (
    InvalidLookupAttributesException,
    InvalidNextTokenException,
    InvalidTimeRangeException,
    cloudtrail,
)
from akia.services.cloudtrail.insight_events import InsightQuestion, insight_page
from akia.services.cloudtrail.lists import position
from akia.store.trail.events import END_OF_TIME, Attribute
from akia.store.trail.insights import EVENT_ID, EVENT_NAME, EVENT_SOURCE, EVERYTHING

if TYPE_CHECKING:
    from akia.store.trail.event_row import EventRow
    from akia.wire.shapes import cloudtrail as shapes

HISTORY_SECONDS = 90 * 86_400
"""How far the history reaches back (AC6.2)."""
PAGE = 50
"""Events per answer, at most and by default (AC6.1)."""

INSIGHT_ATTRIBUTES = {Attribute.EVENT_ID: EVENT_ID, Attribute.EVENT_NAME: EVENT_NAME, Attribute.EVENT_SOURCE: EVENT_SOURCE}
"""What Insights events can be looked up by."""


@cloudtrail.operation("LookupEvents", access=Access.READ, resource=everything)
def lookup_events(ctx: Context, request: shapes.LookupEventsRequest) -> shapes.LookupEventsResponse:
    """The account's events of the last 90 days, newest first, those of all regions; every call answered before this one is among them.

    Insights events are asked for by `EventCategory`, by their id, name or source. Raises InvalidLookupAttributesException,
    InvalidTimeRangeException, InvalidNextTokenException.
    """
    attribute, value = _attribute(request)
    start_ms, end_ms = _period(request, ctx.now)
    if request.get("EventCategory") is not None:
        return _insights(ctx, request, attribute, value, (start_ms, end_ms))
    shown = position(ctx, "cloudtrail events", request)
    before = (shown[0], shown[1]) if shown is not None else None  # time (epoch milliseconds) and id of the last event so far
    ctx.authority.drain_journals()
    limit = request.get("MaxResults", PAGE)
    rows = ctx.store.events.lookup(ctx.account, attribute, value, start_ms=start_ms, end_ms=end_ms, before=before, limit=limit + 1)
    response: shapes.LookupEventsResponse = {"Events": [_event(row) for row in rows[:limit]]}
    if len(rows) > limit:
        response["NextToken"] = page_token(ctx, "cloudtrail events", request, (rows[limit - 1].at_ms, rows[limit - 1].event_id))
    return response


def _insights(
    ctx: Context, request: shapes.LookupEventsRequest, attribute: Attribute | None, value: str, period: tuple[int, int]
) -> shapes.LookupEventsResponse:
    """Raises InvalidLookupAttributesException, InvalidNextTokenException."""
    if attribute is not None and attribute not in INSIGHT_ATTRIBUTES:
        raise InvalidLookupAttributesException(f"Insights events cannot be looked up by {attribute}.")
    by = INSIGHT_ATTRIBUTES[attribute] if attribute is not None else EVERYTHING
    try:
        return cast("shapes.LookupEventsResponse", insight_page(ctx, "cloudtrail events", request, InsightQuestion(by, value, *period)))
    except Unsealable:
        raise InvalidNextTokenException("The token is not valid, or was given for other parameters.") from None


def _attribute(request: shapes.LookupEventsRequest) -> tuple[Attribute | None, str]:
    """The one attribute that may be given (AC6.1)."""
    given = request.get("LookupAttributes", [])
    if len(given) > 1:
        raise InvalidLookupAttributesException("Only one lookup attribute can be specified.")
    return (Attribute(given[0]["AttributeKey"]), given[0]["AttributeValue"]) if given else (None, "")


def _period(request: shapes.LookupEventsRequest, now: int) -> tuple[int, int]:
    """From when to when, both included, in epoch milliseconds. Events are dated to the second, so the whole second of an end counts."""
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start > end:
        raise InvalidTimeRangeException("The start time must not be after the end time.")
    oldest = now - HISTORY_SECONDS
    first = oldest if start is None else max(int(start.timestamp()), oldest)
    return first * 1000, END_OF_TIME if end is None else int(end.timestamp()) * 1000 + 999


def _event(row: EventRow) -> shapes.Event:
    """AC6.3. What an event does not have is left out."""
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
