"""Insight selectors of trails: PutInsightSelectors, GetInsightSelectors. What they ask for, `jobs/find_insights` finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.identity.insight import CALL_RATE
from akia.operation import Access, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.named_trails import in_member, owned, seen, tags_in_member
from akia.services.cloudtrail.trail_errors import (
    InsightNotEnabledException,
    InvalidInsightSelectorsException,
    InvalidParameterCombinationException,
    UnsupportedOperationException,
)
from akia.trail.selectors import logs_management

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.trail import Trail
    from akia.wire.shapes import cloudtrail as shapes


@cloudtrail.operation("PutInsightSelectors", access=Access.WRITE, resource=in_member("TrailName"), conditions=tags_in_member("TrailName"))
def put_insight_selectors(ctx: Context, request: shapes.PutInsightSelectorsRequest) -> shapes.PutInsightSelectorsResponse:
    """An empty list turns them off. Insights about data events are remembered, and there are none: akia has management events only.

    Raises InvalidInsightSelectorsException, TrailNotFoundException, InvalidHomeRegionException, UnsupportedOperationException (event data
    stores).
    """
    trail = owned(ctx, _trail_name(request))
    kinds = [selector.get("InsightType") for selector in request["InsightSelectors"]]
    if None in kinds or len(set(kinds)) != len(kinds):
        raise InvalidInsightSelectorsException("The insight types are not valid.")
    for selector in request["InsightSelectors"]:
        _require_logged(trail, selector)
    trail = replace(trail, insights=tuple(request["InsightSelectors"]))
    ctx.store.trails.replace(trail)
    return cast("shapes.PutInsightSelectorsResponse", {"TrailARN": str(trail.arn), "InsightSelectors": list(trail.insights)})


@cloudtrail.operation("GetInsightSelectors", access=Access.READ, resource=in_member("TrailName"), conditions=tags_in_member("TrailName"))
def get_insight_selectors(ctx: Context, request: shapes.GetInsightSelectorsRequest) -> shapes.GetInsightSelectorsResponse:
    """Raises InsightNotEnabledException, TrailNotFoundException, UnsupportedOperationException (event data stores)."""
    trail = seen(ctx, _trail_name(request))
    if not trail.insights:
        raise InsightNotEnabledException(f"Insights is not enabled for trail: {trail.arn}")
    return cast("shapes.GetInsightSelectorsResponse", {"TrailARN": str(trail.arn), "InsightSelectors": list(trail.insights)})


def _require_logged(trail: Trail, selector: Mapping[str, Any]) -> None:
    """Only what a trail logs is analysed: changes for the rate of calls, either for the rate of errors."""
    if "Management" not in selector.get("EventCategories", ("Management",)):
        return
    reads = selector["InsightType"] != CALL_RATE
    if not logs_management(trail.selectors, read_only=False) and not (reads and logs_management(trail.selectors, read_only=True)):
        raise InvalidInsightSelectorsException(f"The trail does not log the events that {selector['InsightType']} needs.")


def _trail_name(request: Mapping[str, Any]) -> str:
    store = request.get("EventDataStore") or request.get("InsightsDestination")
    if store and request.get("TrailName"):
        raise InvalidParameterCombinationException("Specify either a trail or an event data store.")
    if store:
        raise UnsupportedOperationException("Insights of event data stores are not supported.")
    return str(request.get("TrailName") or "")
