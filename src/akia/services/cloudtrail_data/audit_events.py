"""Events that come from outside through a channel: PutAuditEvents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from akia.identity.channel import Channel, Ingestion, channel_id
from akia.identity.event_data_store import LakeEvent
from akia.operation import Access, Conditions, Context, ResourcePolicy
from akia.policy import Kind
from akia.services.cloudtrail_data._cloudtrail_data import (
    ChannelNotFound,
    DuplicatedAuditEventId,
    InvalidChannelARN,
    UnsupportedOperationException,
    cloudtrail_data,
)
from akia.trail.not_taken import NotTaken
from akia.trail.outside_event import Passage, taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.wire.shapes import cloudtrail_data as shapes

LARGEST = 1_048_576
"""All events of a request together, in bytes."""
_NOBODY = '{"Version":"2012-10-17","Statement":[]}'


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["channelArn"])


def _policy(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    """The channel's resource policy (P1.5): whoever is of another account needs its word, whether there is such a channel or not."""
    arn = str(request["channelArn"])
    account = arn.split(":")[4] if channel_id(arn) is not None else ctx.account
    document = ctx.store.trail_resource_policies.get(arn)
    return ResourcePolicy(document or _NOBODY, Kind.RESOURCE, account) if document or account != ctx.account else None


def _conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """`cloudtrail:ExternalId`, and the channel's tags."""
    channel = _found(ctx, request)
    tags = {f"aws:resourcetag/{key.lower()}": value for key, value in channel.tags.items()} if channel else {}
    return {**tags, **({"cloudtrail:externalid": request["externalId"]} if "externalId" in request else {})}


@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of a request's events: those that are kept, and the two lists of the answer."""

    kept: list[LakeEvent]
    successful: list[shapes.AuditEventResultEntry]
    failed: list[shapes.ResultErrorEntry]


@cloudtrail_data.operation(
    "PutAuditEvents", access=Access.WRITE, resource=_arn, conditions=_conditions, resource_policy=_policy,
    event_resources=lambda request, result: [("AWS::CloudTrail::Channel", request["channelArn"])],
)  # fmt: skip
def put_audit_events(ctx: Context, request: shapes.PutAuditEventsRequest) -> shapes.PutAuditEventsResponse:
    """Each event is taken or refused by itself, and comes into every store of the channel once, however often it is sent.

    Raises InvalidChannelARN, ChannelNotFound, DuplicatedAuditEventId (an id twice in one request), UnsupportedOperationException (too
    much at once).
    """
    if channel_id(request["channelArn"]) is None:
        raise InvalidChannelARN("The channel ARN is not valid.")
    channel = _found(ctx, request)
    if channel is None:
        raise ChannelNotFound("The channel does not exist.")
    events = request["auditEvents"]
    if len({event["id"] for event in events}) != len(events):
        raise DuplicatedAuditEventId("Two or more entries in the request have the same event ID.")
    if sum(len(event["eventData"].encode()) for event in events) > LARGEST:
        raise UnsupportedOperationException(f"The events of a request have at most {LARGEST} bytes together.")
    done = _sorted(channel, events, ctx.now)
    stores = [store for each in channel.destinations if (store := ctx.store.event_data_stores.get(each)) is not None and store.takes_events]
    if not stores:
        done = Sorted([], [], [_failed(event["id"], "AccountNotSubscribed", "No event data store takes events.") for event in events])
    for store in stores:
        ctx.store.lake_events.add(store.id, done.kept)
    ctx.store.channels.replace(replace(channel, ingestion=_status(channel.ingestion, done, ctx.now)))
    return {"successful": done.successful, "failed": done.failed}


def _found(ctx: Context, request: Mapping[str, Any]) -> Channel | None:
    """In whichever account, and the region of the call: that of the ARN."""
    channel = ctx.store.channels.get(channel_id(request["channelArn"]) or "")
    right = channel is not None and str(channel.arn) == request["channelArn"] and channel.region == ctx.facts.region
    return channel if right else None


def _sorted(channel: Channel, events: Sequence[shapes.AuditEvent], now: int) -> Sorted:
    passage = Passage(UUID(channel.id), str(channel.arn), channel.account, channel.region, now)
    done = Sorted([], [], [])
    for event in events:
        try:
            made = taken(event["eventData"], event.get("eventDataChecksum"), passage)
        except NotTaken as refused:
            done.failed.append(_failed(event["id"], refused.code, refused.message))
            continue
        done.kept.append(LakeEvent(*made))
        done.successful.append({"id": event["id"], "eventID": made.event_id})
    return done


def _failed(id_: str, code: str, message: str) -> shapes.ResultErrorEntry:
    return {"id": id_, "errorCode": code, "errorMessage": message}


def _status(before: Ingestion, done: Sorted, now: int) -> Ingestion:
    last = done.kept[-1].event_id if done.kept else ""
    error = done.failed[-1]["errorCode"] if done.failed else ""
    attempted = replace(before, attempted=now, attempted_id=last, error=error)
    return replace(attempted, succeeded=now, succeeded_id=last) if done.kept else attempted
