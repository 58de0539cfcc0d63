"""Queries of event data stores: StartQuery, CancelQuery. `jobs/run_queries` runs them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from akia.aws.ids import new_guid
from akia.identity.lake_query import CANCELLED, KEPT_SECONDS, PENDING, LakeQuery
from akia.identity.trail import is_bucket_name, is_prefix
from akia.lake.samples import STORE, TEMPLATES
from akia.lake.statement import LONGEST, StatementError, stores_in, with_parameters
from akia.operation import Access, Context, Required
from akia.querying.question import Question, Table
from akia.querying.run import CHECK_SECONDS, FINISHED, is_available, run
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.lake_errors import (
    InactiveQueryException,
    InvalidParameterException,
    InvalidQueryStatementException,
    MaxConcurrentQueriesException,
)
from akia.services.cloudtrail.named_event_data_stores import active_store, store_arn, tags_of
from akia.services.cloudtrail.named_queries import about_query, also_of, of_query, policies_of_query, query_named, tags_of_query
from akia.services.cloudtrail.store_policies import policy_of_stores
from akia.services.cloudtrail.trail_errors import InvalidS3BucketNameException, InvalidS3PrefixException, UnsupportedOperationException
from akia.services.cloudtrail.trails import require_bucket
from akia.trail.selectors import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Conditions, ResourcePolicy
    from akia.outbound.buckets import Buckets
    from akia.wire.shapes import cloudtrail as shapes

CHECKS_AT_ONCE = 4
_checks = BoundedSemaphore(CHECKS_AT_ONCE)


class Asked(NamedTuple):
    """A query as it was asked for, and what it takes to check it."""

    statement: str
    tables: tuple[Table, ...]
    alias: str
    delivery: str
    buckets: Buckets


def statement_of(request: Mapping[str, Any]) -> str:
    """The statement that the request gives, or that its template and parameters make: the first of these is the event data store. Raises
    InvalidParameterException, InvalidQueryStatementException."""
    statement, alias, parameters = request.get("QueryStatement"), request.get("QueryAlias"), request.get("QueryParameters", ())
    if (statement is None) == (alias is None):
        raise InvalidParameterException("Specify either QueryStatement or QueryAlias.")
    if statement is not None:
        if parameters:
            raise InvalidParameterException("QueryParameters go with a QueryAlias only.")
        return str(statement)
    if alias not in TEMPLATES:
        raise InvalidParameterException(f"There is no query template with the alias {alias}.")
    if not parameters:
        raise InvalidParameterException("The first parameter must be the event data store.")
    store_id = parameters[0].rpartition("/")[2]
    if stores_in(store_id) != [store_id]:
        raise InvalidParameterException("The first parameter must be the event data store.")
    try:
        return with_parameters(TEMPLATES[alias].template.replace(STORE, store_id), parameters[1:])
    except StatementError as error:
        raise InvalidParameterException(str(error)) from None


def _named(request: Mapping[str, Any]) -> list[str]:
    """The ids of the stores that a request names. Never raises."""
    try:
        return stores_in(statement_of(request))
    except (InvalidParameterException, InvalidQueryStatementException):
        return []


def _first(ctx: Context, request: Mapping[str, Any]) -> str:
    return store_arn(ctx, (_named(request) or ["*"])[0])


def _first_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return tags_of(ctx, (_named(request) or [""])[0])


def _policies(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    return policy_of_stores(ctx, _named(request))


def _others(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """Each store that a statement reads must be one that the caller may query, with its own tags."""
    for store_id in _named(request)[1:]:
        yield Required("cloudtrail:StartQuery", store_arn(ctx, store_id), tags_of(ctx, store_id))


def _asked(ctx: Context, request: Mapping[str, Any]) -> Asked:
    owner = request.get("EventDataStoreOwnerAccountId", ctx.account)
    if owner != ctx.account:
        raise InvalidParameterException("The event data stores of another account cannot be queried.")
    return asked_for(ctx, statement_of(request), request)


def asked_for(ctx: Context, statement: str, request: Mapping[str, Any]) -> Asked:
    """The query of `statement`, with the `QueryAlias` and `DeliveryS3Uri` of a request. Raises InvalidQueryStatementException, and what is
    wrong with an event data store."""
    if len(statement) > LONGEST:
        raise InvalidQueryStatementException(f"A query has at most {LONGEST} characters.")
    stores = [active_store(ctx, store_id) for store_id in stores_in(statement)]
    if not stores:
        raise InvalidQueryStatementException("The query names no event data store: FROM takes the ID of one.")
    tables = tuple(Table(store.id, store.categories == {ACTIVITY}) for store in stores)
    return Asked(statement, tables, request.get("QueryAlias", ""), request.get("DeliveryS3Uri", ""), ctx.authority.buckets)


def checked(asked: Asked) -> Asked:
    """The same, if its statement can be run and its bucket takes results. Takes a while. Raises UnsupportedOperationException without
    DuckDB, InvalidQueryStatementException, and what is wrong with the bucket."""
    if not is_available():
        raise UnsupportedOperationException("Queries need DuckDB, which is not installed here: akia's extra `lake` brings it.")
    if asked.delivery:
        _check_delivery(asked)
    with _turn():
        answer = run(Question(asked.statement, asked.tables), lambda: False, CHECK_SECONDS)
    if answer.status != FINISHED:
        told = answer.error if answer.kind in ("statement", "limit") else "The query could not be checked."
        raise InvalidQueryStatementException(told, detail=f"{answer.kind} {answer.error}")
    return asked


@contextmanager
def _turn() -> Iterator[None]:
    """Few statements are checked at once: threads are there for others too."""
    if not _checks.acquire(timeout=CHECK_SECONDS):
        raise MaxConcurrentQueriesException("Too many queries are being started at this moment.")
    try:
        yield
    finally:
        _checks.release()


def _check_delivery(asked: Asked) -> None:
    bucket, _, prefix = asked.delivery.removeprefix("s3://").partition("/")
    if not is_bucket_name(bucket):
        raise InvalidS3BucketNameException(f"Bucket name {bucket} is not valid.")
    if prefix.strip("/") and not is_prefix(prefix.strip("/")):
        raise InvalidS3PrefixException("The S3 key prefix is not valid.")
    require_bucket(asked.buckets, bucket)


@cloudtrail.operation(
    "StartQuery",
    access=Access.WRITE,
    resource=_first,
    conditions=_first_tags,
    also=_others,
    resource_policy=_policies,
    gather=_asked,
    prepare=checked,
)
def start_query(ctx: Context, asked: Asked) -> shapes.StartQueryResponse:
    """It sees every call that was answered before. Raises InvalidQueryStatementException, InvalidParameterException,
    EventDataStoreNotFoundException, InactiveEventDataStoreException, MaxConcurrentQueriesException, UnsupportedOperationException (without
    DuckDB), and what is wrong with the bucket."""
    most = ctx.authority.quotas.queries_at_once
    stores = [active_store(ctx, table.store) for table in asked.tables]  # they may have gone meanwhile
    if sum(query.is_active for query in ctx.store.lake_queries.of(ctx.account, ctx.facts.region, ctx.now - KEPT_SECONDS)) >= most:
        raise MaxConcurrentQueriesException(f"The account has {most} queries that are queued or running.")
    query = LakeQuery(
        new_guid(),
        ctx.account,
        ctx.facts.region,
        stores[0].id,
        ctx.now,
        asked.statement,
        tuple(store.id for store in stores),
        asked.alias,
        delivery=asked.delivery,
        delivery_status=PENDING if asked.delivery else "",
    )
    ctx.store.lake_queries.add(query)
    return {"QueryId": query.id}


@cloudtrail.operation(
    "CancelQuery",
    access=Access.WRITE,
    resource=of_query,
    resource_policy=policies_of_query,
    conditions=tags_of_query,
    also=also_of("cloudtrail:CancelQuery"),
    event_resources=about_query,
)
def cancel_query(ctx: Context, request: shapes.CancelQueryRequest) -> shapes.CancelQueryResponse:
    """Raises QueryIdNotFoundException, InactiveQueryException (it has ended), EventDataStoreNotFoundException."""
    query = query_named(ctx, request)
    if not query.is_active:
        raise InactiveQueryException(f"The query {query.id} is not active: its status is {query.status}.")
    cancelled = replace(query, status=CANCELLED, delivery_status=CANCELLED if query.delivery else "")
    ctx.store.lake_queries.advance(query, cancelled)
    ctx.store.lake_queries.forget_results(query.id)  # some may have been kept already
    return cast("shapes.CancelQueryResponse", {"QueryId": query.id, "QueryStatus": CANCELLED})
