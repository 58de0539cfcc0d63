"""Custom dashboards: CreateDashboard, GetDashboard, ListDashboards, UpdateDashboard, DeleteDashboard, StartDashboardRefresh.

A refresh starts the query of each widget, on behalf of whoever asks for it: nobody sees through a dashboard what he may not query. So a
dashboard is not refreshed by itself, and a schedule that would do so is refused.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from akia.aws.ids import new_guid
from akia.identity.dashboard import MOST_WIDGETS, Dashboard
from akia.identity.lake_query import KEPT_SECONDS, LakeQuery
from akia.lake.statement import StatementError, stores_in, with_parameters
from akia.operation import Access, Conditions, Context, Required, everything
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.lake_errors import InvalidQueryStatementException
from akia.services.cloudtrail.lists import page
from akia.services.cloudtrail.named_dashboards import dashboard_arn, find_dashboard, tags_of_dashboard, the_dashboard
from akia.services.cloudtrail.named_event_data_stores import active_store, store_arn, tags_of
from akia.services.cloudtrail.queries import asked_for, checked
from akia.services.cloudtrail.store_policies import policy_of_stores
from akia.services.cloudtrail.trail_errors import (
    ConflictException,
    InvalidTagParameterException,
    ServiceQuotaExceededException,
    TagsLimitExceededException,
    UnsupportedOperationException,
)
from akia.services.cloudtrail.trail_tags import request_tags, tags_given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from akia.operation import ResourcePolicy
    from akia.services.cloudtrail.queries import Asked
    from akia.wire.shapes import cloudtrail as shapes

PAGE = 1_000
HIGHLIGHTS = "AWSCloudTrail-Highlights"
DAY = 86_400
_CUSTOM = "CUSTOM"
_PARAMETERS = frozenset({"$StartTime$", "$EndTime$", "$Period$"})


def _in(member: str) -> Any:
    return lambda ctx, request: dashboard_arn(ctx, request[member])


def _tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return tags_of_dashboard(ctx, request["DashboardId"])


def _request_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return request_tags(request)


def _stores(widgets: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(store for widget in widgets for store in stores_in(widget["QueryStatement"])))


def _querying(ctx: Context, widgets: Sequence[Mapping[str, Any]]) -> Iterator[Required]:
    """Whoever has queries run must be allowed to run them."""
    for store_id in _stores(widgets):
        yield Required("cloudtrail:StartQuery", store_arn(ctx, store_id), tags_of(ctx, store_id))


def _making_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    if request.get("TagsList"):
        yield Required("cloudtrail:AddTags", dashboard_arn(ctx, request["Name"]), request_tags(request))
    yield from _querying(ctx, request.get("Widgets", ()))


def _updating_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    yield from _querying(ctx, request.get("Widgets", ()))


def _refreshing_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    found = find_dashboard(ctx, request["DashboardId"])
    yield from _querying(ctx, found.widgets if found else ())


def _policies(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    """Of the dashboard and of the stores that are queried."""
    text = request.get("DashboardId") or request["Name"]
    found = find_dashboard(ctx, text)
    return policy_of_stores(ctx, [dashboard_arn(ctx, text), *_stores(request.get("Widgets") or (found.widgets if found else ()))])


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    arn = (result or {}).get("DashboardArn") or request.get("DashboardId")
    return [("AWS::CloudTrail::Dashboard", arn)] if arn else []


class Prepared(NamedTuple):
    """A request, and the queries that come of it."""

    request: Mapping[str, Any]
    queries: list[Asked]


def _gathered(ctx: Context, request: Mapping[str, Any]) -> Prepared:
    """The queries of the widgets in a request. Raises what is wrong with their statements and stores, ServiceQuotaExceededException."""
    widgets = request.get("Widgets", ())
    if len(widgets) > MOST_WIDGETS:
        raise ServiceQuotaExceededException(f"A dashboard has at most {MOST_WIDGETS} widgets.")
    return Prepared(request, [asked_for(ctx, _statement(widget, {}, ctx.now), {}) for widget in widgets])


def _checked(prepared: Prepared) -> Prepared:
    """The same, if every statement can be run. Takes a while."""
    for query in prepared.queries:
        checked(query)
    return prepared


@cloudtrail.operation(
    "CreateDashboard", access=Access.WRITE, resource=_in("Name"), conditions=_request_tags, also=_making_too, resource_policy=_policies,
    event_resources=_about, gather=_gathered, prepare=_checked,
)  # fmt: skip
def create_dashboard(ctx: Context, prepared: Prepared) -> shapes.CreateDashboardResponse:
    """Raises ConflictException (the name is taken), InvalidTagParameterException, UnsupportedOperationException (the Highlights dashboard,
    schedules), and what is wrong with its widgets."""
    request = prepared.request
    if request["Name"] == HIGHLIGHTS:
        raise UnsupportedOperationException("The Highlights dashboard is not supported.")
    if ctx.store.dashboards.get(ctx.account, ctx.facts.region, request["Name"]) is not None:
        raise ConflictException(f"A dashboard with name {request['Name']} already exists.")
    blank = Dashboard(ctx.account, ctx.facts.region, request["Name"], ctx.now, ctx.now, tags=_tags_given(request))
    made = _changed(blank, request, ctx.now)
    ctx.store.dashboards.put(made)
    tags = {"TagsList": request["TagsList"]} if request.get("TagsList") else {}
    return cast("shapes.CreateDashboardResponse", _described(made) | {"Name": made.name} | tags)


@cloudtrail.operation("GetDashboard", access=Access.READ, resource=_in("DashboardId"), conditions=_tags, resource_policy=_policies)
def get_dashboard(ctx: Context, request: shapes.GetDashboardRequest) -> shapes.GetDashboardResponse:
    """Raises ResourceNotFoundException."""
    found = the_dashboard(ctx, request["DashboardId"])
    refresh = {"LastRefreshId": found.refresh} if found.refresh else {}
    status = "CREATED" if found.updated == found.created else "UPDATED"
    return cast("shapes.GetDashboardResponse", _described(found) | _times(found) | refresh | {"Status": status})


@cloudtrail.operation("ListDashboards", access=Access.LIST, resource=everything)
def list_dashboards(ctx: Context, request: shapes.ListDashboardsRequest) -> shapes.ListDashboardsResponse:
    """Those of the account in the region of the call, by name. Raises InvalidNextTokenException."""
    prefix, kind = request.get("NamePrefix", ""), request.get("Type", _CUSTOM)
    every = [each for each in ctx.store.dashboards.of(ctx.account, ctx.facts.region) if each.name.startswith(prefix) and kind == _CUSTOM]
    shown, more = page(ctx, "dashboards", request, every, PAGE)
    listed = [{"DashboardArn": str(each.arn), "Type": _CUSTOM} for each in shown]
    return cast("shapes.ListDashboardsResponse", {"Dashboards": listed, **more})


@cloudtrail.operation(
    "UpdateDashboard", access=Access.WRITE, resource=_in("DashboardId"), conditions=_tags, also=_updating_too, resource_policy=_policies,
    event_resources=_about, gather=_gathered, prepare=_checked,
)  # fmt: skip
def update_dashboard(ctx: Context, prepared: Prepared) -> shapes.UpdateDashboardResponse:
    """What is left out stays. Raises ResourceNotFoundException, and as CreateDashboard."""
    changed = replace(_changed(the_dashboard(ctx, prepared.request["DashboardId"]), prepared.request, ctx.now), updated=ctx.now)
    ctx.store.dashboards.put(changed)
    return cast("shapes.UpdateDashboardResponse", _described(changed) | _times(changed) | {"Name": changed.name})


@cloudtrail.operation(
    "DeleteDashboard", access=Access.WRITE, resource=_in("DashboardId"), conditions=_tags, resource_policy=_policies, event_resources=_about
)
def delete_dashboard(ctx: Context, request: shapes.DeleteDashboardRequest) -> shapes.DeleteDashboardResponse:
    """Its resource policy goes with it; what its refreshes have answered can be looked at as long as any query's. Raises
    ResourceNotFoundException, ConflictException (it is protected)."""
    found = the_dashboard(ctx, request["DashboardId"])
    if found.protected:
        raise ConflictException(f"Termination protection is enabled for the dashboard {found.arn}.")
    ctx.store.trail_resource_policies.delete(str(found.arn))
    ctx.store.dashboards.delete(found)
    return {}


def _refreshing(ctx: Context, request: Mapping[str, Any]) -> Prepared:
    """The queries of a dashboard's widgets, with the values that the request gives."""
    found, values = the_dashboard(ctx, request["DashboardId"]), request.get("QueryParameterValues", {})
    if not values.keys() <= _PARAMETERS:
        raise UnsupportedOperationException(f"The query parameters of custom dashboards are {', '.join(sorted(_PARAMETERS))}.")
    queries = [
        asked_for(ctx, _statement(widget, values, ctx.now), {"QueryAlias": _alias(found, number)})
        for number, widget in enumerate(found.widgets, 1)
    ]
    return Prepared(request, queries)


@cloudtrail.operation(
    "StartDashboardRefresh", access=Access.WRITE, resource=_in("DashboardId"), conditions=_tags, also=_refreshing_too,
    resource_policy=_policies, event_resources=_about, gather=_refreshing, prepare=_checked,
)  # fmt: skip
def start_dashboard_refresh(ctx: Context, prepared: Prepared) -> shapes.StartDashboardRefreshResponse:
    """GetQueryResults has what the widgets' queries answer, by the widget's alias and the refresh.

    Raises ResourceNotFoundException, EventDataStoreNotFoundException, InactiveEventDataStoreException, ServiceQuotaExceededException (too
    many queries run), UnsupportedOperationException (without DuckDB).
    """
    found = the_dashboard(ctx, prepared.request["DashboardId"])
    active = sum(query.is_active for query in ctx.store.lake_queries.of(ctx.account, ctx.facts.region, ctx.now - KEPT_SECONDS))
    if active + len(prepared.queries) > ctx.authority.quotas.queries_at_once:
        raise ServiceQuotaExceededException("Too many queries are queued or running.")
    refresh = f"{ctx.now}{secrets.randbelow(10**6):06}"
    for query in prepared.queries:
        stores = [active_store(ctx, table.store).id for table in query.tables]  # they may have gone meanwhile
        ctx.store.lake_queries.add(
            LakeQuery(
                new_guid(), ctx.account, ctx.facts.region, stores[0], ctx.now, query.statement, tuple(stores), query.alias, refresh=refresh
            )
        )
    ctx.store.dashboards.put(replace(found, refresh=refresh))
    return {"RefreshId": refresh}


def _changed(dashboard: Dashboard, request: Mapping[str, Any], now: int) -> Dashboard:
    schedule = request.get("RefreshSchedule", dashboard.schedule)
    if schedule.get("Status") == "ENABLED":
        raise UnsupportedOperationException("Dashboards are refreshed by StartDashboardRefresh: schedules are not supported.")
    return replace(
        dashboard,
        widgets=tuple(request.get("Widgets", dashboard.widgets)),
        schedule=schedule,
        protected=request.get("TerminationProtectionEnabled", dashboard.protected),
    )


def _tags_given(request: Mapping[str, Any]) -> dict[str, str]:
    try:
        return tags_given(request.get("TagsList"))
    except TagsLimitExceededException as error:
        raise InvalidTagParameterException(error.message) from None  # the model has no other


def _statement(widget: Mapping[str, Any], values: Mapping[str, str], now: int) -> str:
    """The widget's statement with its parameters: those that nobody has given a value are the last day, by the hour."""
    known = {"$StartTime$": _moment(now - DAY), "$EndTime$": _moment(now), "$Period$": "1h", **values}
    try:
        return with_parameters(widget["QueryStatement"], [known.get(name, name) for name in widget.get("QueryParameters", ())])
    except StatementError as error:
        raise InvalidQueryStatementException(str(error)) from None


def _alias(dashboard: Dashboard, number: int) -> str:
    return f"{dashboard.name}-widget-{number}" if dashboard.name[0].isalpha() else f"Dashboard-{dashboard.name}-widget-{number}"


def _described(dashboard: Dashboard) -> dict[str, Any]:
    widgets = [{**widget, "QueryAlias": _alias(dashboard, number)} for number, widget in enumerate(dashboard.widgets, 1)]
    schedule = {"RefreshSchedule": dashboard.schedule} if dashboard.schedule else {}
    return {
        "DashboardArn": str(dashboard.arn),
        "Type": _CUSTOM,
        "Widgets": widgets,
        "TerminationProtectionEnabled": dashboard.protected,
        **schedule,
    }


def _times(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "CreatedTimestamp": datetime.fromtimestamp(dashboard.created, UTC),
        "UpdatedTimestamp": datetime.fromtimestamp(dashboard.updated, UTC),
    }


def _moment(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")
