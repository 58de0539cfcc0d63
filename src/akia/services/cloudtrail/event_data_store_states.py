"""What becomes of event data stores: DeleteEventDataStore, RestoreEventDataStore, StartEventDataStoreIngestion,
StopEventDataStoreIngestion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from akia.identity.event_data_store import ENABLED, STOPPED
from akia.operation import Access, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.event_data_stores import about_store, described, require_no_import
from akia.services.cloudtrail.lake_errors import (
    EventDataStoreTerminationProtectedException,
    InvalidEventDataStoreCategoryException,
    InvalidEventDataStoreStatusException,
)
from akia.services.cloudtrail.named_event_data_stores import active_store, in_store_member, store_named, store_tags
from akia.services.cloudtrail.organization import managed_organization
from akia.services.cloudtrail.store_policies import store_policy
from akia.services.cloudtrail.trail_errors import ChannelExistsForEDSException
from akia.trail.selectors import ACTIVITY

if TYPE_CHECKING:
    from akia.identity.event_data_store import EventDataStore
    from akia.wire.shapes import cloudtrail as shapes

_STORE, _TAGS, _POLICY = in_store_member(), store_tags(), store_policy()


@cloudtrail.operation(
    "DeleteEventDataStore", access=Access.WRITE, resource=_STORE, conditions=_TAGS, resource_policy=_POLICY, event_resources=about_store
)
def delete_event_data_store(ctx: Context, request: shapes.DeleteEventDataStoreRequest) -> shapes.DeleteEventDataStoreResponse:
    """It takes no more events, answers no more queries, and is gone in seven days. Raises EventDataStoreNotFoundException,
    InactiveEventDataStoreException, EventDataStoreTerminationProtectedException, ChannelExistsForEDSException,
    EventDataStoreHasOngoingImportException."""
    store = active_store(ctx, request["EventDataStore"])
    if store.protected:
        raise EventDataStoreTerminationProtectedException(f"Termination protection is enabled for the event data store {store.arn}.")
    if any(store.id in channel.destinations for channel in ctx.store.channels.of(ctx.account, ctx.facts.region)):
        raise ChannelExistsForEDSException(f"A channel leads to the event data store {store.arn}.")
    require_no_import(ctx, store)
    ctx.store.event_data_stores.replace(store.deleted_at(ctx.now))
    return {}


@cloudtrail.operation(
    "RestoreEventDataStore", access=Access.WRITE, resource=_STORE, conditions=_TAGS, resource_policy=_POLICY, event_resources=about_store
)
def restore_event_data_store(ctx: Context, request: shapes.RestoreEventDataStoreRequest) -> shapes.RestoreEventDataStoreResponse:
    """With all its events but those of the time in between. Raises EventDataStoreNotFoundException, InvalidEventDataStoreStatusException
    (nobody has deleted it), and what is wrong with an organization."""
    store = store_named(ctx, request["EventDataStore"])
    if not store.deleted:
        raise InvalidEventDataStoreStatusException(f"The event data store {store.arn} is not pending deletion.")
    if store.organization:
        managed_organization(ctx)
    restored = store.restored(ctx.now)
    ctx.store.event_data_stores.replace(restored)
    return cast("shapes.RestoreEventDataStoreResponse", described(restored))


@cloudtrail.operation(
    "StartEventDataStoreIngestion",
    access=Access.WRITE,
    resource=_STORE,
    conditions=_TAGS,
    resource_policy=_POLICY,
    event_resources=about_store,
)
def start_ingestion(ctx: Context, request: shapes.StartEventDataStoreIngestionRequest) -> shapes.StartEventDataStoreIngestionResponse:
    """This very call is the first event. Raises EventDataStoreNotFoundException, InvalidEventDataStoreStatusException (it is not stopped),
    InvalidEventDataStoreCategoryException (its events come from outside)."""
    store = _in_state(ctx, request["EventDataStore"], STOPPED)
    ctx.store.event_data_stores.replace(replace(store.started(ctx.now), updated=ctx.now))
    return {}


@cloudtrail.operation(
    "StopEventDataStoreIngestion",
    access=Access.WRITE,
    resource=_STORE,
    conditions=_TAGS,
    resource_policy=_POLICY,
    event_resources=about_store,
)
def stop_ingestion(ctx: Context, request: shapes.StopEventDataStoreIngestionRequest) -> shapes.StopEventDataStoreIngestionResponse:
    """This very call is the last event. Raises as StartEventDataStoreIngestion (it is not enabled)."""
    store = _in_state(ctx, request["EventDataStore"], ENABLED)
    ctx.store.event_data_stores.replace(replace(store.stopped(ctx.now), updated=ctx.now))
    return {}


def _in_state(ctx: Context, text: str, state: str) -> EventDataStore:
    store = store_named(ctx, text)
    if ACTIVITY in store.categories:
        raise InvalidEventDataStoreCategoryException(f"Events of the category {ACTIVITY} are not ingested: they come through channels.")
    if store.status != state:
        raise InvalidEventDataStoreStatusException(f"The event data store {store.arn} has the status {store.status}, not {state}.")
    return store
