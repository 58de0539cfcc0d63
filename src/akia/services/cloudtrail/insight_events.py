"""Insights events as answers show them, a page at a time, newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from akia.authority.page_tokens import page_token, position_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.insight import InsightEvent
    from akia.operation import Context

PAGE = 50
"""Events per answer, at most and by default."""


class InsightQuestion(NamedTuple):
    """Which of the account's are meant: those with a `value` in the column `by` ("" for all), from when to when (both included, epoch
    milliseconds)."""

    by: str
    value: str
    start_ms: int
    end_ms: int


def insight_page(ctx: Context, of: str, request: Mapping[str, Any], question: InsightQuestion) -> dict[str, Any]:
    """`Events`, and `NextToken` if there are more. Raises Unsealable for a wrong token."""
    shown = position_of(ctx, of, request)
    before = (question.end_ms + 1, 0) if shown is None else (shown[0], shown[1])
    limit = request.get("MaxResults", PAGE)
    found = ctx.store.insight_events.lookup(
        ctx.account, question.by, question.value, start_ms=question.start_ms, before=before, limit=limit + 1
    )
    page: dict[str, Any] = {"Events": [_event(event) for _, event in found[:limit]]}
    if len(found) > limit:
        number, event = found[limit - 1]
        page["NextToken"] = page_token(ctx, of, request, (event.at_ms, number))
    return page


def _event(event: InsightEvent) -> dict[str, Any]:
    return {
        "EventId": event.event_id,
        "EventName": event.name,
        "EventTime": datetime.fromtimestamp(event.at_ms // 1000, UTC),
        "EventSource": event.source,
        "Resources": [],
        "CloudTrailEvent": event.record,
    }
