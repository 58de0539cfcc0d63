"""All that was done with an access key and to it (G10): GetKeyTimeline."""

from __future__ import annotations

from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import orjson

from akia.operation import Access
from akia.services.akia._akia import akia, cut, limit_of, position_of, utc
from akia.services.akia.keys_meant import key_arn, key_conditions
from akia.store.trail.events import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.operation import Context
    from akia.store.trail.event_row import EventRow
    from akia.wire.shapes import akia as shapes

MOST_SESSIONS = 1_000
"""So many sessions of a key are followed, the latest of each call first."""
_BATCH = 25


@akia.operation("GetKeyTimeline", access=Access.READ, resource=key_arn, conditions=key_conditions)
def get_key_timeline(ctx: Context, request: shapes.GetKeyTimelineRequest) -> shapes.GetKeyTimelineResponse:
    """The latest first, for as long as events are kept; of a key that is gone, too. To look makes it no longer, unless the key itself does.

    Raises ValidationError (token).
    """
    ctx.authority.drain_journals()
    key_id, limit = request["AccessKeyId"], limit_of(request) + 1
    keys = [key_id, *_descendants(ctx, key_id)]
    given = position_of(ctx, "key timeline", request)
    before = (given[0], given[1]) if given is not None else None
    sources = [(Attribute.ACCESS_KEY_ID, name) for name in keys] + [(Attribute.RESOURCE_NAME, key_id)]
    streams = [_events(ctx, source, before) for source in sources]
    found = list(islice(_once(merge(*streams, key=_position, reverse=True)), limit))
    page, more = cut(ctx, "key timeline", request, found, _position)
    told = {"Events": [_shown(row, keys) for row in page], "SessionKeys": len(keys) - 1, **more}
    return cast("shapes.GetKeyTimelineResponse", told)


def _descendants(ctx: Context, key_id: str) -> list[str]:
    """The keys of the sessions that descend from the key, those of sessions of sessions included."""
    found: dict[str, None] = {}
    waiting = [key_id]
    while waiting and len(found) < MOST_SESSIONS:
        made = ctx.store.events.sessions_made_by(ctx.account, waiting.pop(), MOST_SESSIONS)
        fresh = [name for name in made if name not in found][: MOST_SESSIONS - len(found)]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return list(found)


def _events(ctx: Context, source: tuple[Attribute, str], before: tuple[int, str] | None) -> Iterator[EventRow]:
    """The events of one key, or about it, the latest first; only as far as they are asked for."""
    while True:
        rows = ctx.store.events.lookup(ctx.account, *source, before=before, limit=_BATCH)
        yield from rows
        if len(rows) < _BATCH:
            return
        before = _position(rows[-1])


def _position(row: EventRow) -> tuple[int, str]:
    return row.at_ms, row.event_id


def _once(rows: Iterator[EventRow]) -> Iterator[EventRow]:
    """Each event once: a key that deactivates itself is caller and subject."""
    last = ""
    for row in rows:
        if row.event_id != last:
            yield row
        last = row.event_id


def _shown(row: EventRow, keys: list[str]) -> shapes.TimelineEntry:
    record: dict[str, Any] = orjson.loads(row.record)
    optional = {
        "AccessKeyId": row.access_key_id,
        "Region": row.region,
        "SourceAddress": record.get("sourceIPAddress"),
        "UserAgent": record.get("userAgent"),
        "ErrorCode": row.error_code,
    }
    told = {
        "EventId": row.event_id,
        "Time": utc(row.at_ms),
        "EventSource": row.source,
        "EventName": row.name,
        "Verified": row.verified,
        "ByKey": row.access_key_id in keys,
    }
    return cast("shapes.TimelineEntry", told | {name: value for name, value in optional.items() if value})
