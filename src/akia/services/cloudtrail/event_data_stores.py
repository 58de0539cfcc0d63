"""Event data stores: CreateEventDataStore, GetEventDataStore, ListEventDataStores, UpdateEventDataStore. `jobs/fill_event_data_stores` puts
the events in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from akia.identity.event_data_store import DEFAULT_RETENTION, EXTENDABLE, FIXED, LONGEST_RETENTION, EventDataStore
from akia.operation import Access, Conditions, Context, Required, everything
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.event_selectors import store_selectors
from akia.services.cloudtrail.lake_errors import (
    EventDataStoreAlreadyExistsException,
    EventDataStoreMaxLimitExceededException,
    InvalidParameterException,
)
from akia.services.cloudtrail.lists import page
from akia.services.cloudtrail.named_event_data_stores import active_store, in_store_member, shared_store, store_arn, store_tags
from akia.services.cloudtrail.organization import managed_organization
from akia.services.cloudtrail.store_policies import shared_store_policy, store_policy
from akia.services.cloudtrail.trail_errors import (
    EventDataStoreHasOngoingImportException,
    InvalidEventSelectorsException,
    InvalidTagParameterException,
    KmsKeyNotFoundException,
    TagsLimitExceededException,
)
from akia.services.cloudtrail.trail_tags import request_tags, tags_given
from akia.trail.selectors import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.shapes import cloudtrail as shapes

PAGE = 1_000
_SETTINGS = {
    "Name": "name",
    "MultiRegionEnabled": "multi_region",
    "OrganizationEnabled": "organization",
    "RetentionPeriod": "retention",
    "TerminationProtectionEnabled": "protected",
    "BillingMode": "billing",
}


def stores_here(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN that stands for any store of the account and region: a new one has no id yet."""
    return store_arn(ctx, "*")


def _tagging_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    if request.get("TagsList"):
        yield Required("cloudtrail:AddTags", stores_here(ctx, request), request_tags(request))


def _request_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return request_tags(request)


def about_store(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What events of these operations are about."""
    arn = (result or {}).get("EventDataStoreArn") or request.get("EventDataStore")
    return [("AWS::CloudTrail::EventDataStore", arn)] if arn else []


@cloudtrail.operation(
    "CreateEventDataStore",
    access=Access.WRITE,
    resource=stores_here,
    conditions=_request_tags,
    also=_tagging_too,
    event_resources=about_store,
)
def create_event_data_store(ctx: Context, request: shapes.CreateEventDataStoreRequest) -> shapes.CreateEventDataStoreResponse:
    """This very call is the first event in it, unless it is not to start taking events. Raises EventDataStoreAlreadyExistsException,
    EventDataStoreMaxLimitExceededException, InvalidEventSelectorsException, InvalidParameterException (the retention), and what is wrong
    with tags and organization."""
    billing = request.get("BillingMode", EXTENDABLE)
    tags = _tags_given(request)
    blank = EventDataStore(str(uuid4()), ctx.account, ctx.facts.region, "", ctx.now, tags=tags, retention=DEFAULT_RETENTION[billing])
    made = replace(_changed(blank, request), updated=ctx.now)
    _require_possible(ctx, made, request)
    require_name(ctx, made)
    require_room(ctx)
    made = made.started(ctx.now) if request.get("StartIngestion", True) else made
    ctx.store.event_data_stores.add(made)
    ctx.store.event_stream.advance(made.reader, ctx.store.event_stream.newest())
    return cast("shapes.CreateEventDataStoreResponse", described(made) | ({"TagsList": request["TagsList"]} if tags else {}))


@cloudtrail.operation(
    "GetEventDataStore", access=Access.READ, resource=in_store_member(), conditions=store_tags(), resource_policy=shared_store_policy
)
def get_event_data_store(ctx: Context, request: shapes.GetEventDataStoreRequest) -> shapes.GetEventDataStoreResponse:
    """One whose deletion is pending shows as well, and one of another account whose resource policy allows it. Raises
    EventDataStoreARNInvalidException, EventDataStoreNotFoundException."""
    store = shared_store(ctx, request["EventDataStore"])
    return cast("shapes.GetEventDataStoreResponse", described(store) | {"FederationStatus": "DISABLED"})


@cloudtrail.operation("ListEventDataStores", access=Access.LIST, resource=everything)
def list_event_data_stores(ctx: Context, request: shapes.ListEventDataStoresRequest) -> shapes.ListEventDataStoresResponse:
    """Those of the account in the region of the call, by name. Raises InvalidNextTokenException."""
    every = [store for store in ctx.store.event_data_stores.of(ctx.account, ctx.facts.region) if not store.is_over(ctx.now)]
    stores, more = page(ctx, "event data stores", request, every, PAGE)
    shown = [{"EventDataStoreArn": str(store.arn), "Name": store.name} for store in stores]
    return cast("shapes.ListEventDataStoresResponse", {"EventDataStores": shown, **more})


@cloudtrail.operation(
    "UpdateEventDataStore",
    access=Access.WRITE,
    resource=in_store_member(),
    conditions=store_tags(),
    resource_policy=store_policy(),
    event_resources=about_store,
)
def update_event_data_store(ctx: Context, request: shapes.UpdateEventDataStoreRequest) -> shapes.UpdateEventDataStoreResponse:
    """What is left out stays. Events that are too old for a shorter retention go. Raises as CreateEventDataStore, and
    EventDataStoreNotFoundException, InactiveEventDataStoreException, EventDataStoreHasOngoingImportException."""
    store = active_store(ctx, request["EventDataStore"])
    if len(request) < 2:
        raise InvalidParameterException("Specify at least one setting to update.")
    if store.billing == EXTENDABLE and request.get("BillingMode") == FIXED:
        raise InvalidParameterException(f"The billing mode cannot be changed from {EXTENDABLE} to {FIXED}.")
    require_no_import(ctx, store)
    changed = replace(_changed(store, request), updated=ctx.now)
    _require_same_kind(store, changed)
    _require_possible(ctx, changed, request)
    require_name(ctx, changed)
    ctx.store.event_data_stores.replace(changed)
    return cast("shapes.UpdateEventDataStoreResponse", described(changed) | {"FederationStatus": "DISABLED"})


def _tags_given(request: Mapping[str, Any]) -> dict[str, str]:
    """Too many are not valid here: the model has no error of its own for that."""
    try:
        return tags_given(request.get("TagsList"))
    except TagsLimitExceededException as error:
        raise InvalidTagParameterException(error.message) from None


def _changed(store: EventDataStore, request: Mapping[str, Any]) -> EventDataStore:
    given = {name: request[member] for member, name in _SETTINGS.items() if member in request}
    if "AdvancedEventSelectors" in request:
        given["selectors"] = tuple(store_selectors(request["AdvancedEventSelectors"]))
    return replace(store, **given)


def _require_possible(ctx: Context, store: EventDataStore, request: Mapping[str, Any]) -> None:
    """Raises what is wrong with the settings of `store` taken together. akia has no KMS."""
    if request.get("KmsKeyId"):
        raise KmsKeyNotFoundException("The KMS key does not exist.")
    longest = LONGEST_RETENTION[store.billing]
    if store.retention > longest:
        raise InvalidParameterException(f"The retention period of billing mode {store.billing} is at most {longest} days.")
    if store.organization:
        managed_organization(ctx)


def _require_same_kind(store: EventDataStore, changed: EventDataStore) -> None:
    """A store of events from outside stays one, and no other becomes one: channels lead to it, and its tables have other columns."""
    if (ACTIVITY in store.categories) != (ACTIVITY in changed.categories):
        raise InvalidEventSelectorsException("The event category of an event data store cannot be changed.")


def require_no_import(ctx: Context, store: EventDataStore) -> None:
    """Raises EventDataStoreHasOngoingImportException."""
    if any(each.goes_on and each.destination == store.id for each in ctx.store.imports.of(ctx.account, ctx.facts.region)):
        raise EventDataStoreHasOngoingImportException(f"An import into the event data store {store.arn} goes on.")


def require_name(ctx: Context, store: EventDataStore) -> None:
    """Raises EventDataStoreAlreadyExistsException if another one of the account and region has its name."""
    if any(each.name == store.name and each.id != store.id for each in ctx.store.event_data_stores.of(ctx.account, ctx.facts.region)):
        raise EventDataStoreAlreadyExistsException(f"An event data store with name {store.name} already exists.")


def require_room(ctx: Context) -> None:
    """Raises EventDataStoreMaxLimitExceededException. Stores whose deletion is pending count."""
    most = ctx.authority.quotas.event_data_stores_per_region
    if len(ctx.store.event_data_stores.of(ctx.account, ctx.facts.region)) >= most:
        raise EventDataStoreMaxLimitExceededException(f"The account has the maximum of {most} event data stores in this region.")


def described(store: EventDataStore) -> dict[str, Any]:
    """A store as answers show it."""
    return {
        "EventDataStoreArn": str(store.arn),
        "Name": store.name,
        "Status": store.status,
        "AdvancedEventSelectors": list(store.selectors),
        "MultiRegionEnabled": store.multi_region,
        "OrganizationEnabled": store.organization,
        "RetentionPeriod": store.retention,
        "TerminationProtectionEnabled": store.protected,
        "CreatedTimestamp": datetime.fromtimestamp(store.created, UTC),
        "UpdatedTimestamp": datetime.fromtimestamp(store.updated, UTC),
        "BillingMode": store.billing,
    }
