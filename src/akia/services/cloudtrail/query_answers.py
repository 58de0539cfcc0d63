"""What has become of queries: DescribeQuery, GetQueryResults, ListQueries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from akia.authority.page_tokens import page_token
from akia.identity.lake_query import FINISHED, KEPT_SECONDS
from akia.operation import Access, Context
from akia.querying.run import rows_of
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.lake_errors import InvalidDateRangeException, InvalidParameterException
from akia.services.cloudtrail.lists import page, start_of
from akia.services.cloudtrail.named_event_data_stores import active_store, in_store_member, store_tags
from akia.services.cloudtrail.named_queries import also_of, of_query, policies_of_query, query_named, tags_of_query
from akia.services.cloudtrail.store_policies import store_policy

if TYPE_CHECKING:
    from akia.identity.lake_query import LakeQuery
    from akia.wire.shapes import cloudtrail as shapes

PAGE = 1_000
PAGE_BYTES = 1_048_576
"""Of the values on a page of results, at most, but for single rows that are larger."""
PIECES = 2
"""Pieces of a result that are read at a time."""


@cloudtrail.operation(
    "DescribeQuery",
    access=Access.READ,
    resource=of_query,
    conditions=tags_of_query,
    also=also_of("cloudtrail:DescribeQuery"),
    resource_policy=policies_of_query,
)
def describe_query(ctx: Context, request: shapes.DescribeQueryRequest) -> shapes.DescribeQueryResponse:
    """By its id, or the latest one of a template. Raises QueryIdNotFoundException, InvalidParameterException,
    EventDataStoreNotFoundException, InactiveEventDataStoreException."""
    if ("QueryId" in request) == ("QueryAlias" in request):
        raise InvalidParameterException("Specify either QueryId or QueryAlias.")
    query = query_named(ctx, request)
    statistics = {
        "EventsMatched": query.rows,
        "EventsScanned": query.scanned,
        "BytesScanned": query.scanned_bytes,
        "ExecutionTimeInMillis": query.milliseconds,
        "CreationTime": datetime.fromtimestamp(query.created, UTC),
    }
    told: dict[str, Any] = {
        "QueryId": query.id,
        "QueryString": query.statement,
        "QueryStatus": query.status,
        "QueryStatistics": statistics,
        "ErrorMessage": query.error,
        "DeliveryS3Uri": query.delivery,
        "DeliveryStatus": query.delivery_status,
    }
    return cast("shapes.DescribeQueryResponse", {name: value for name, value in told.items() if value})


@cloudtrail.operation(
    "GetQueryResults",
    access=Access.READ,
    resource=of_query,
    conditions=tags_of_query,
    also=also_of("cloudtrail:GetQueryResults"),
    resource_policy=policies_of_query,
)
def get_query_results(ctx: Context, request: shapes.GetQueryResultsRequest) -> shapes.GetQueryResultsResponse:
    """A page of rows, once the query is finished. Pages of long rows are shorter than was asked for. Raises QueryIdNotFoundException,
    InvalidNextTokenException, EventDataStoreNotFoundException, InactiveEventDataStoreException."""
    query = query_named(ctx, request)
    paging = {name: value for name, value in request.items() if name != "MaxQueryResults"}
    start = start_of(ctx, "query results", paging)
    rows = _rows(ctx, query, start, request.get("MaxQueryResults", PAGE))
    end = start + len(rows)
    told: dict[str, Any] = {
        "QueryStatus": query.status,
        "QueryStatistics": {"ResultsCount": len(rows), "TotalResultsCount": query.rows, "BytesScanned": query.scanned_bytes},
        "QueryResultRows": [[{name: value} for name, value in zip(query.columns, row, strict=True)] for row in rows],
    }
    if end < query.rows:
        told["NextToken"] = page_token(ctx, "query results", paging, end)
    return cast("shapes.GetQueryResultsResponse", told | ({"ErrorMessage": query.error} if query.error else {}))


def _rows(ctx: Context, query: LakeQuery, start: int, most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    size = 0
    while query.status == FINISHED and len(rows) < most:
        pieces = ctx.store.lake_queries.results(query.id, start + len(rows), PIECES)
        if not pieces:
            break
        for first, body in pieces:
            for row in rows_of(body)[start + len(rows) - first :]:
                size += sum(map(len, row))
                if len(rows) == most or (rows and size > PAGE_BYTES):
                    return rows
                rows.append(row)
    return rows


@cloudtrail.operation(
    "ListQueries", access=Access.LIST, resource=in_store_member(), conditions=store_tags(), resource_policy=store_policy()
)
def list_queries(ctx: Context, request: shapes.ListQueriesRequest) -> shapes.ListQueriesResponse:
    """Those of the last seven days that read the store, newest first. Raises InvalidDateRangeException, InvalidNextTokenException,
    EventDataStoreNotFoundException, InactiveEventDataStoreException."""
    store = active_store(ctx, request["EventDataStore"])
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start > end:
        raise InvalidDateRangeException("The start time must not be after the end time.")
    since = max(ctx.now - KEPT_SECONDS, int(start.timestamp()) if start else 0)
    found = [
        query
        for query in ctx.store.lake_queries.of(ctx.account, ctx.facts.region, since)
        if store.id in query.stores
        and (end is None or query.created <= end.timestamp())
        and request.get("QueryStatus", query.status) == query.status
    ]
    shown, more = page(ctx, "queries", request, found, PAGE)
    told = [
        {"QueryId": query.id, "QueryStatus": query.status, "CreationTime": datetime.fromtimestamp(query.created, UTC)} for query in shown
    ]
    return cast("shapes.ListQueriesResponse", {"Queries": told, **more})
