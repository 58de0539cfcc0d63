"""Which events a trail wants: PutEventSelectors, GetEventSelectors (AC7.5). `akia.trail.selectors` applies them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.operation import Access, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.named_trails import in_member, owned, seen, tags_in_member
from akia.services.cloudtrail.trail_errors import InvalidEventSelectorsException
from akia.trail.selectors import ACTIVITY, DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.wire.shapes import cloudtrail as shapes

MOST_SELECTORS, MOST_DATA_RESOURCES, MOST_VALUES = 5, 250, 500
_DATA_TYPES = frozenset({"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"})
_MAY_BE_EXCLUDED = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})
_CATEGORIES = ("Management", "Data", "NetworkActivity")
_STORE_CATEGORIES = (*_CATEGORIES, ACTIVITY)
_OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
_FIELDS = frozenset({
    "eventCategory", "eventName", "eventSource", "eventType", "readOnly", "errorCode", "sessionCredentialFromConsole", "userIdentity.arn",
    "resources.type", "resources.ARN", "vpcEndpointId",
})  # fmt: skip
_EQUALS_ONLY = frozenset({"eventCategory", "readOnly", "resources.type", "sessionCredentialFromConsole"})


@cloudtrail.operation("PutEventSelectors", access=Access.WRITE, resource=in_member("TrailName"), conditions=tags_in_member("TrailName"))
def put_event_selectors(ctx: Context, request: shapes.PutEventSelectorsRequest) -> shapes.PutEventSelectorsResponse:
    """Either kind replaces whatever was there. akia itself has management events only: what selects others selects nothing yet.

    Raises InvalidEventSelectorsException, TrailNotFoundException, InvalidHomeRegionException.
    """
    basic, advanced = request.get("EventSelectors"), request.get("AdvancedEventSelectors")
    if (basic is None) == (advanced is None):
        raise InvalidEventSelectorsException("Specify either EventSelectors or AdvancedEventSelectors.")
    trail = owned(ctx, request["TrailName"])
    kept = {"EventSelectors": _basic(basic)} if basic is not None else {"AdvancedEventSelectors": _advanced(advanced or ())}
    ctx.store.trails.replace(replace(trail, selectors=kept))
    return cast("shapes.PutEventSelectorsResponse", {"TrailARN": str(trail.arn), **kept})


@cloudtrail.operation("GetEventSelectors", access=Access.READ, resource=in_member("TrailName"), conditions=tags_in_member("TrailName"))
def get_event_selectors(ctx: Context, request: shapes.GetEventSelectorsRequest) -> shapes.GetEventSelectorsResponse:
    """Raises TrailNotFoundException."""
    trail = seen(ctx, request["TrailName"])
    return cast("shapes.GetEventSelectorsResponse", {"TrailARN": str(trail.arn), **(trail.selectors or DEFAULT)})


def _basic(selectors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As they are kept, defaults filled in."""
    _require(1 <= len(selectors) <= MOST_SELECTORS, f"Specify 1 to {MOST_SELECTORS} event selectors.")
    for selector in selectors:
        sources = selector.get("ExcludeManagementEventSources", ())
        _require(set(sources) <= _MAY_BE_EXCLUDED, "The value for ExcludeManagementEventSources is not valid.")
        _require(
            {resource.get("Type") for resource in selector.get("DataResources", ())} <= _DATA_TYPES, "The data resource type is not valid."
        )
    resources = sum(len(resource.get("Values", ())) for selector in selectors for resource in selector.get("DataResources", ()))
    _require(resources <= MOST_DATA_RESOURCES, f"A trail has at most {MOST_DATA_RESOURCES} data resources.")
    return [{**DEFAULT["EventSelectors"][0], **selector} for selector in selectors]


def store_selectors(selectors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of an event data store, which may be for events from outside (ActivityAuditLog) instead. Raises
    InvalidEventSelectorsException."""
    _require(len(selectors) <= MOST_SELECTORS, f"Specify at most {MOST_SELECTORS} advanced event selectors.")
    kept = _advanced(selectors, _STORE_CATEGORIES)
    outside = [fields for fields in (selector["FieldSelectors"] for selector in kept) if _categories(fields) == [[ACTIVITY]]]
    _require(
        not outside or (len(kept) == 1 and len(outside[0]) == 1),
        f"A selector for {ACTIVITY} selects by eventCategory only, and is the only one.",
    )
    return kept


def _categories(fields: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [field.get("Equals", []) for field in fields if field["Field"] == "eventCategory"]


def _advanced(selectors: Sequence[Mapping[str, Any]], possible: Sequence[str] = _CATEGORIES) -> list[Mapping[str, Any]]:
    _require(len(selectors) > 0, "Specify at least one advanced event selector.")
    for selector in selectors:
        fields = selector["FieldSelectors"]
        _require(len({field["Field"] for field in fields}) == len(fields), "A field must not be selected by twice.")
        for field in fields:
            _require_field(field)
        categories = _categories(fields)
        _require(
            len(categories) == 1 and len(categories[0]) == 1 and set(categories[0]) <= set(possible),
            f"Each advanced event selector needs the field eventCategory, equal to one of {', '.join(possible)}.",
        )
    values = sum(len(field.get(name, ())) for selector in selectors for field in selector["FieldSelectors"] for name in _OPERATORS)
    _require(values <= MOST_VALUES, f"There are at most {MOST_VALUES} values in advanced event selectors.")
    return list(selectors)


def _require_field(field: Mapping[str, Any]) -> None:
    given = {name for name in _OPERATORS if field.get(name)}
    _require(field["Field"] in _FIELDS, f"The field {field['Field']} is not valid.")
    _require(bool(given), f"The field {field['Field']} has no operator.")
    _require(field["Field"] not in _EQUALS_ONLY or given == {"Equals"}, f"The field {field['Field']} can only be selected with Equals.")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise InvalidEventSelectorsException(message)
