"""Event selectors: which events a trail wants (AC7.5). Every event of akia is a management event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MANAGEMENT = "Management"
ACTIVITY = "ActivityAuditLog"
"""The category of events from outside, which come through channels."""
DEFAULT: Mapping[str, Any] = {
    "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]
}
"""What a trail has until somebody says otherwise."""

_POSITIVE: Mapping[str, Callable[[str, str], bool]] = {"Equals": str.__eq__, "StartsWith": str.startswith, "EndsWith": str.endswith}
_READS = {"ReadOnly": (True,), "WriteOnly": (False,), "All": (True, False)}


class Selectable(NamedTuple):
    """What selectors look at. `record` is the event's JSON, which is read only if a selector asks for what is not beside it."""

    name: str
    source: str
    read_only: bool
    record: str


def selects(selectors: Mapping[str, Any], event: Selectable) -> bool:
    """Whether `selectors`, as the API has them (`EventSelectors` or `AdvancedEventSelectors`), select the event."""
    advanced = selectors.get("AdvancedEventSelectors")
    if advanced:
        return any(_all_fields(selector["FieldSelectors"], event) for selector in advanced)
    return any(_basic(selector, event) for selector in selectors.get("EventSelectors") or DEFAULT["EventSelectors"])


def logs_management(selectors: Mapping[str, Any], *, read_only: bool) -> bool:
    """Whether `selectors` select any management events that only read, or that change."""
    wanted = "true" if read_only else "false"
    advanced = selectors.get("AdvancedEventSelectors")
    if advanced:
        fields = [{field["Field"]: field for field in selector["FieldSelectors"]} for selector in advanced]
        return any(_field(each["eventCategory"], MANAGEMENT) and _field(each.get("readOnly", {}), wanted) for each in fields)
    return any(
        selector.get("IncludeManagementEvents", True) and read_only in _READS[selector.get("ReadWriteType", "All")]
        for selector in selectors.get("EventSelectors") or DEFAULT["EventSelectors"]
    )


def _basic(selector: Mapping[str, Any], event: Selectable) -> bool:
    return (
        selector.get("IncludeManagementEvents", True)
        and event.read_only in _READS[selector.get("ReadWriteType", "All")]
        and event.source not in selector.get("ExcludeManagementEventSources", ())
    )


def _all_fields(fields: Sequence[Mapping[str, Any]], event: Selectable) -> bool:
    return all(_field(selector, _value(selector["Field"], event)) for selector in fields)


def _field(selector: Mapping[str, Any], value: str) -> bool:
    """Every operator that is there must hold: a positive one for any of its values, a negative one for all of them."""
    for name, matches in _POSITIVE.items():
        if name in selector and not any(matches(value, wanted) for wanted in selector[name]):
            return False
        if any(matches(value, unwanted) for unwanted in selector.get(f"Not{name}", ())):
            return False
    return True


def _value(field: str, event: Selectable) -> str:
    if field in _BESIDE:
        return _BESIDE[field](event)
    value: Any = orjson.loads(event.record)
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


_BESIDE: Mapping[str, Callable[[Selectable], str]] = {
    "eventCategory": lambda event: MANAGEMENT,
    "eventName": lambda event: event.name,
    "eventSource": lambda event: event.source,
    "readOnly": lambda event: "true" if event.read_only else "false",
}
