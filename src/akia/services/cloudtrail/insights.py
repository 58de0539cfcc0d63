"""What insights have found, and what they are found in: ListInsightsData, ListInsightsMetricData."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from akia.authority.page_tokens import page_token, position_of
from akia.identity.insight import ERROR_RATE, Series
from akia.keyring import Unsealable
from akia.operation import Access, Context, Required, everything
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.insight_events import InsightQuestion, insight_page
from akia.services.cloudtrail.lake_errors import InvalidParameterException
from akia.services.cloudtrail.named_trails import in_member, seen, trail_arn
from akia.services.cloudtrail.trail_errors import TrailError
from akia.store.trail.insights import EVENT_ID, EVENT_NAME, EVENT_SOURCE, EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.trail import Trail
    from akia.wire.shapes import cloudtrail as shapes

DAY = 86_400
REACH = {60: 15 * DAY, 300: 63 * DAY, 3_600: 90 * DAY}
"""Period -> how far back there are data points of it, in seconds."""
MOST_POINTS = 21_600
_REPEATED = frozenset({"EventSource", "EventName", "InsightType", "ErrorCode"})
_DIMENSIONS = {"EventId": EVENT_ID, "EventName": EVENT_NAME, "EventSource": EVENT_SOURCE}


@cloudtrail.operation("ListInsightsData", access=Access.LIST, resource=in_member("InsightSource"))
def list_insights_data(ctx: Context, request: shapes.ListInsightsDataRequest) -> shapes.ListInsightsDataResponse:
    """The account's Insights events of the last 90 days, newest first. Raises InvalidParameterException."""
    _trail(ctx, request["InsightSource"])
    start_ms, end_ms = _period(request, ctx.now)
    [(by, value)] = request.get("Dimensions", {"": ""}).items()
    question = InsightQuestion(_DIMENSIONS.get(by, EVERYTHING), value, start_ms, end_ms)
    try:
        return cast("shapes.ListInsightsDataResponse", insight_page(ctx, "insights", request, question))
    except Unsealable:
        raise _wrong_token() from None


def _data_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """Of a trail, its data must be open to the caller as well."""
    if request.get("TrailName"):
        yield Required("cloudtrail:ListInsightsData", trail_arn(ctx, request["TrailName"]))


@cloudtrail.operation("ListInsightsMetricData", action="LookupEvents", access=Access.READ, resource=everything, also=_data_too)
def list_insights_metric_data(ctx: Context, request: shapes.ListInsightsMetricDataRequest) -> shapes.ListInsightsMetricDataResponse:
    """How often the account made the call, or failed so, in each period, in the region of the call. Raises InvalidParameterException."""
    name = request.get("TrailName")
    trail = _trail(ctx, name) if name else None
    series = _series(ctx, request)
    period, since, until = _points_between(request, ctx.now)
    fill = request.get("DataType") == "FillWithZeros"
    points = _points(ctx, series, range(since, until, period), fill=fill)
    try:
        first = int(position_of(ctx, "insight metrics", request) or 0)
    except Unsealable:
        raise _wrong_token() from None
    shown = points[first : first + request.get("MaxResults", MOST_POINTS)]
    told: dict[str, Any] = {key: value for key, value in request.items() if key in _REPEATED}
    answer: dict[str, Any] = {
        **({"TrailARN": str(trail.arn)} if trail else {}),
        **told,
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in shown],
        "Values": [float(count) for _, count in shown],
    }
    if first + len(shown) < len(points):
        answer["NextToken"] = page_token(ctx, "insight metrics", request, first + len(shown))
    return cast("shapes.ListInsightsMetricDataResponse", answer)


def _trail(ctx: Context, text: str) -> Trail:
    """One that analyses something. Raises InvalidParameterException: the model has no error for a trail that is not there."""
    try:
        trail = seen(ctx, text)
    except TrailError as error:
        raise InvalidParameterException(error.message) from None
    if not trail.insights:
        raise InvalidParameterException(f"Insights is not enabled for trail: {trail.arn}")
    return trail


def _series(ctx: Context, request: shapes.ListInsightsMetricDataRequest) -> Series:
    error = request.get("ErrorCode", "")
    if bool(error) != (request["InsightType"] == ERROR_RATE):
        raise InvalidParameterException(f"ErrorCode is to be specified for {ERROR_RATE}, and for nothing else.")
    return Series(ctx.account, ctx.facts.region, request["EventSource"], request["EventName"], error)


def _points_between(request: shapes.ListInsightsMetricDataRequest, now: int) -> tuple[int, int, int]:
    """The period, and from when to when (excluded): whole periods, in epoch seconds."""
    period = request.get("Period", 3_600)
    if period not in REACH:
        raise InvalidParameterException(f"The period must be one of {', '.join(map(str, REACH))}.")
    start, end = request.get("StartTime"), request.get("EndTime")
    until = min(now, int(end.timestamp())) if end is not None else now
    since = max(now - REACH[period], int(start.timestamp()) if start is not None else 0)
    if start is not None and end is not None and start > end:
        raise InvalidParameterException("The start time must not be after the end time.")
    return period, -(-since // period) * period, until


def _points(ctx: Context, series: Series, starts: range, *, fill: bool) -> list[tuple[int, int]]:
    """Each period's beginning and count, those without calls only if they are to be filled in."""
    if not starts:
        return []
    sums = dict.fromkeys(starts, 0) if fill else {}
    for minute, count in ctx.store.call_minutes.counts(series, starts[0] // 60, -(-starts.stop // 60)).items():
        at = minute * 60 // starts.step * starts.step
        sums[at] = sums.get(at, 0) + count
    return sorted(sums.items())


def _period(request: shapes.ListInsightsDataRequest, now: int) -> tuple[int, int]:
    """From when to when, both included, in epoch milliseconds."""
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start > end:
        raise InvalidParameterException("The start time must not be after the end time.")
    first = max(now - 90 * DAY, int(start.timestamp()) if start is not None else 0)
    return first * 1000, (int(end.timestamp()) if end is not None else now) * 1000 + 999


def _wrong_token() -> InvalidParameterException:
    return InvalidParameterException("The token is not valid, or was given for other parameters.")
