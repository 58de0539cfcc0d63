"""Events that trails and event data stores are given more of: the keys of the request's context, and the tags of what it was about.

Both stand in the decision record, as policies saw them when the call was decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.jobs.recorded_request import recorded_requests
from akia.store.drafts.recorded_events import RecordedEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.trail.event_row import EventRow

REQUEST, TAGS = "RequestContext", "TagContext"
_RESOURCE_TAG = "aws:resourcetag/"


def told(event: EventRow, configuration: Mapping[str, Any]) -> str:
    """The record of `event`, with the `eventContext` that the event `configuration` of a trail or store asks for. What the request did not
    have is left out, and so is the whole if nothing was asked of policies."""
    wanted = {each["Type"]: each["Equals"] for each in configuration.get("ContextKeySelectors", ())}
    if not wanted or event.decision in ("[]", "{}"):
        return event.record
    request = next(recorded_requests(RecordedEvent("", event.at_ms, event.event_id, event.record, event.decision)))
    context = request.context
    values = {key: _text(context[key.lower()]) for key in wanted.get(REQUEST, ()) if key.lower() in context}
    tags = {key: _text(context[name]) for key in wanted.get(TAGS, ()) if (name := _RESOURCE_TAG + key.lower()) in context}
    found: dict[str, Any] = {"requestContext": values} if values else {}
    if tags:
        found["tagContext"] = {"resourceTags": [{"arn": request.required.resource, "tags": tags}]}
    if not found:
        return event.record
    return orjson.dumps(orjson.loads(event.record) | {"eventContext": found}).decode()


def _text(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)
