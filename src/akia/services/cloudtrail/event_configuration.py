"""What events are told with: PutEventConfiguration, GetEventConfiguration. `jobs/event_context` applies it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.aws.condition_keys import GLOBAL
from akia.identity.trail import Trail
from akia.operation import Access, Conditions, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.lake_errors import InvalidEventDataStoreCategoryException, InvalidParameterException
from akia.services.cloudtrail.named_event_data_stores import active_store, in_store_member, store_tags
from akia.services.cloudtrail.named_trails import in_member, owned, seen, tags_in_member
from akia.services.cloudtrail.store_policies import store_policy
from akia.services.cloudtrail.trail_errors import InvalidParameterCombinationException
from akia.trail.selectors import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from akia.identity.event_data_store import EventDataStore
    from akia.wire.shapes import cloudtrail as shapes

STANDARD, LARGE = "Standard", "Large"
REQUEST = "RequestContext"
_SETTINGS = ("MaxEventSize", "ContextKeySelectors", "AggregationConfigurations")


def _resource(ctx: Context, request: Mapping[str, Any]) -> str | Sequence[str]:
    return in_store_member()(ctx, request) if request.get("EventDataStore") else in_member("TrailName")(ctx, request)


def _tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return store_tags()(ctx, request) if request.get("EventDataStore") else tags_in_member("TrailName")(ctx, request)


@cloudtrail.operation("PutEventConfiguration", access=Access.WRITE, resource=_resource, conditions=_tags, resource_policy=store_policy())
def put_event_configuration(ctx: Context, request: shapes.PutEventConfigurationRequest) -> shapes.PutEventConfigurationResponse:
    """What is left out stays; an empty list takes a setting away. It is told with what comes in from now on.

    No event of akia is larger than a standard one, so the size allows selectors of context and nothing more. Aggregations are of data
    events, which akia does not have: they are remembered. Raises InvalidParameterCombinationException, InvalidParameterException,
    InvalidEventDataStoreCategoryException, and what is wrong with the trail or the event data store.
    """
    target = _target(ctx, request, owned)
    given = {name: value for name, value in request.items() if name in _SETTINGS}
    configuration = {name: value for name, value in {**target.configuration, **given}.items() if value}
    _require_possible(target, configuration)
    changed = replace(target, configuration=configuration)
    if isinstance(changed, Trail):
        ctx.store.trails.replace(changed)
    else:
        ctx.store.event_data_stores.replace(changed)
    return cast("shapes.PutEventConfigurationResponse", _described(changed))


@cloudtrail.operation("GetEventConfiguration", access=Access.READ, resource=_resource, conditions=_tags, resource_policy=store_policy())
def get_event_configuration(ctx: Context, request: shapes.GetEventConfigurationRequest) -> shapes.GetEventConfigurationResponse:
    """Raises InvalidParameterCombinationException, and what is wrong with the trail or the event data store."""
    return cast("shapes.GetEventConfigurationResponse", _described(_target(ctx, request, seen)))


def _target(ctx: Context, request: Mapping[str, Any], trail: Callable[[Context, str], Trail]) -> Trail | EventDataStore:
    name, store = request.get("TrailName"), request.get("EventDataStore")
    if bool(name) == bool(store):
        raise InvalidParameterCombinationException("Specify either a trail or an event data store.")
    return active_store(ctx, str(store)) if store else trail(ctx, str(name))


def _require_possible(target: Trail | EventDataStore, configuration: Mapping[str, Any]) -> None:
    selectors = configuration.get("ContextKeySelectors", ())
    if selectors and configuration.get("MaxEventSize", STANDARD) != LARGE:
        raise InvalidParameterException(f"MaxEventSize must be {LARGE} if there are context key selectors.")
    if len({each["Type"] for each in selectors}) != len(selectors):
        raise InvalidParameterException("There is one context key selector of each type.")
    for key in (key for each in selectors if each["Type"] == REQUEST for key in each["Equals"]):
        if GLOBAL.find(key) is None:
            raise InvalidParameterException(f"{key} is not a global condition key.")
    if isinstance(target, Trail):
        return
    if "AggregationConfigurations" in configuration:
        raise InvalidParameterException("Aggregations are configured for trails.")
    if target.categories == {ACTIVITY} and selectors:
        raise InvalidEventDataStoreCategoryException(f"Events of the category {ACTIVITY} have no context.")


def _described(target: Trail | EventDataStore) -> dict[str, Any]:
    configuration = target.configuration
    told: dict[str, Any] = {"TrailARN" if isinstance(target, Trail) else "EventDataStoreArn": str(target.arn)}
    told |= {
        "MaxEventSize": configuration.get("MaxEventSize", STANDARD),
        "ContextKeySelectors": configuration.get("ContextKeySelectors", []),
    }
    aggregations = configuration.get("AggregationConfigurations")
    return told | ({"AggregationConfigurations": aggregations} if aggregations else {})
