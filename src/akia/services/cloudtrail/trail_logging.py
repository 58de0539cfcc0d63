"""When a trail logs, and how its deliveries go: StartLogging, StopLogging, GetTrailStatus (AC7.6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from akia.operation import Access, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.named_trails import in_member, owned, seen, tags_in_member
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.trail import Trail
    from akia.identity.trail_delivery import TrailLane
    from akia.wire.shapes import cloudtrail as shapes

_NAME = in_member("Name")
_TAGS = tags_in_member("Name")


def _about(request: Mapping[str, Any], result: object) -> list[tuple[str, str]]:
    return [("AWS::CloudTrail::Trail", request["Name"])]


@cloudtrail.operation("StartLogging", access=Access.WRITE, resource=_NAME, conditions=_TAGS, event_resources=_about)
def start_logging(ctx: Context, request: shapes.StartLoggingRequest) -> shapes.StartLoggingResponse:
    """This very call is the first in the log. Raises TrailNotFoundException, InvalidHomeRegionException."""
    trail = owned(ctx, request["Name"])
    ctx.store.trails.replace(trail.started(ctx.now))
    if not trail.logging:  # what was before is none of its business
        ctx.store.event_stream.advance(trail.reader, ctx.store.event_stream.newest())
    return {}


@cloudtrail.operation("StopLogging", access=Access.WRITE, resource=_NAME, conditions=_TAGS, event_resources=_about)
def stop_logging(ctx: Context, request: shapes.StopLoggingRequest) -> shapes.StopLoggingResponse:
    """This very call is the last in the log: whatever happened before is delivered still. Raises as StartLogging."""
    ctx.store.trails.replace(owned(ctx, request["Name"]).stopped(ctx.now))
    return {}


@cloudtrail.operation("GetTrailStatus", access=Access.READ, resource=_NAME, conditions=_TAGS)
def get_trail_status(ctx: Context, request: shapes.GetTrailStatusRequest) -> shapes.GetTrailStatusResponse:
    """Of the region of the call, and for an organization's trail of all its accounts. Raises TrailNotFoundException."""
    trail = seen(ctx, request["Name"])
    lanes = [lane for lane in ctx.store.trail_lanes.of(trail.id) if lane.region == ctx.facts.region]
    status = {"IsLogging": trail.is_logging, **_logging_times(trail), **_deliveries(lanes)}
    return cast("shapes.GetTrailStatusResponse", status)


def _logging_times(trail: Trail) -> dict[str, Any]:
    if not trail.logging:
        return {"TimeLoggingStarted": "", "TimeLoggingStopped": ""}
    started, stopped = trail.logging[-1][0], max(end for _, end in trail.logging)
    times: dict[str, Any] = {"StartLoggingTime": _time(started), "TimeLoggingStarted": timestamp(started)}
    return times | {"TimeLoggingStopped": timestamp(stopped) if stopped else ""} | ({"StopLoggingTime": _time(stopped)} if stopped else {})


def _deliveries(lanes: list[TrailLane]) -> dict[str, Any]:
    """Times are left out for what never happened, errors if the latest try succeeded."""
    delivered, digested = max((lane.delivered for lane in lanes), default=0), max((lane.digest_delivered for lane in lanes), default=0)
    attempted = max((lane.attempted for lane in lanes), default=0)
    known: dict[str, Any] = {
        "LatestDeliveryTime": _time(delivered) if delivered else None,
        "LatestDeliveryError": next((lane.delivery_error for lane in lanes if lane.delivery_error), None),
        "LatestDigestDeliveryTime": _time(digested) if digested else None,
        "LatestDigestDeliveryError": next((lane.digest_error for lane in lanes if lane.digest_error), None),
    }
    legacy = {
        "LatestDeliveryAttemptTime": timestamp(attempted) if attempted else "",
        "LatestDeliveryAttemptSucceeded": timestamp(delivered) if delivered else "",
        "LatestNotificationAttemptTime": "",
        "LatestNotificationAttemptSucceeded": "",
    }
    return {name: value for name, value in known.items() if value is not None} | legacy


def _time(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
