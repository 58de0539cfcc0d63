"""Which query a request means, and who may ask about it: whoever may do so for every event data store that the query reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.lake_query import KEPT_SECONDS
from akia.operation import Required
from akia.services.cloudtrail.lake_errors import InvalidParameterException, QueryIdNotFoundException
from akia.services.cloudtrail.named_event_data_stores import active_store, store_arn, tags_of
from akia.services.cloudtrail.store_policies import policy_of_stores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.lake_query import LakeQuery
    from akia.operation import Conditions, Context, ResourcePolicy


def of_query(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the first store that the query reads, or the one that the request names. Never raises."""
    return store_arn(ctx, _stores(ctx, request)[0])


def tags_of_query(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """Its tags."""
    return tags_of(ctx, _stores(ctx, request)[0])


def policies_of_query(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    """The resource policies of its stores."""
    return policy_of_stores(ctx, _stores(ctx, request))


def also_of(action: str) -> Any:
    """What `also` is for an operation on a query, whose action is `action`: the same for the other stores that it reads."""

    def others(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
        for store_id in _stores(ctx, request)[1:]:
            yield Required(action, store_arn(ctx, store_id), tags_of(ctx, store_id))

    return others


def about_query(request: Mapping[str, Any], result: object) -> list[tuple[str, str]]:
    """What events of these operations are about: the store, if the request names it."""
    arn = request.get("EventDataStore")
    return [("AWS::CloudTrail::EventDataStore", arn)] if arn else []


def query_named(ctx: Context, request: Mapping[str, Any]) -> LakeQuery:
    """The query of the caller's account and region that the request names. Raises QueryIdNotFoundException, InvalidParameterException,
    and what is wrong with an event data store that the request names."""
    if request.get("EventDataStoreOwnerAccountId", ctx.account) != ctx.account:
        raise InvalidParameterException("The event data stores of another account cannot be queried.")
    store = active_store(ctx, request["EventDataStore"]) if "EventDataStore" in request else None
    query = _query(ctx, request)
    if query is None or (store is not None and store.id not in query.stores):
        raise QueryIdNotFoundException(f"The query {request.get('QueryId') or request.get('QueryAlias')} does not exist.")
    for store_id in query.stores:
        active_store(ctx, store_id)  # what a deleted store has told is not shown either
    return query


def _stores(ctx: Context, request: Mapping[str, Any]) -> tuple[str, ...]:
    """The stores of the query, and the one that the request names. Never raises."""
    query = ctx.look_up("lake query", str(request.get("QueryId") or request.get("QueryAlias")), lambda _, __: _query(ctx, request))
    named = request.get("EventDataStore")
    together = (*(query.stores if query else ()), *((named.rpartition("/")[2],) if named else ()))
    return tuple(dict.fromkeys(together)) or ("*",)


def _query(ctx: Context, request: Mapping[str, Any]) -> LakeQuery | None:
    """By its id, or else the latest that was made from the template and, if that is given, for the refresh."""
    since = ctx.now - KEPT_SECONDS
    if "QueryId" in request:
        found = ctx.store.lake_queries.get(request["QueryId"])
        own = found is not None and (found.account, found.region) == (ctx.account, ctx.facts.region) and found.created >= since
        return found if own else None
    alias, refresh = request.get("QueryAlias"), request.get("RefreshId")
    for query in ctx.store.lake_queries.of(ctx.account, ctx.facts.region, since) if alias else ():
        if query.alias == alias and (refresh is None or query.refresh == refresh):
            return query
    return None
