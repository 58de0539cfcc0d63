"""Channels: CreateChannel, GetChannel, ListChannels, UpdateChannel, DeleteChannel. Events come in by `cloudtrail-data`'s PutAuditEvents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from akia.identity.channel import SOURCES, Channel, Ingestion
from akia.operation import Access, Conditions, Context, Required, everything
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.lake_errors import InvalidEventDataStoreCategoryException, InvalidParameterException
from akia.services.cloudtrail.lists import page
from akia.services.cloudtrail.named_channels import channel_arn, channel_tags, named, the_channel
from akia.services.cloudtrail.named_event_data_stores import active_store, store_arn
from akia.services.cloudtrail.trail_errors import (
    ChannelAlreadyExistsException,
    ChannelMaxLimitExceededException,
    InvalidSourceException,
)
from akia.services.cloudtrail.trail_tags import request_tags, tags_given
from akia.trail.selectors import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from akia.wire.shapes import cloudtrail as shapes

PAGE = 1_000
_STORE = "EVENT_DATA_STORE"


def _new(ctx: Context, request: Mapping[str, Any]) -> Sequence[str]:
    """Any channel of the account and region, since a new one has no id yet; and the stores that it leads to."""
    return [channel_arn(ctx, "*"), *(store_arn(ctx, each["Location"]) for each in request["Destinations"])]


def _request_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return request_tags({"TagsList": request.get("Tags")})


def _tagging_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    if request.get("Tags"):
        yield Required("cloudtrail:AddTags", channel_arn(ctx, "*"), _request_tags(ctx, request))


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    arn = (result or {}).get("ChannelArn") or request.get("Channel")
    return [("AWS::CloudTrail::Channel", arn)] if arn else []


@cloudtrail.operation(
    "CreateChannel", access=Access.WRITE, resource=_new, conditions=_request_tags, also=_tagging_too, event_resources=_about
)
def create_channel(ctx: Context, request: shapes.CreateChannelRequest) -> shapes.CreateChannelResponse:
    """Raises InvalidSourceException, ChannelAlreadyExistsException, ChannelMaxLimitExceededException, what is wrong with the stores that it
    leads to, and with its tags."""
    if request["Source"] not in SOURCES:
        raise InvalidSourceException(f"The source {request['Source']} is not valid.")
    tags = tags_given(request.get("Tags"))
    destinations = _destinations(ctx, request["Destinations"])
    channels = ctx.store.channels.of(ctx.account, ctx.facts.region)
    _require_free(ctx, request["Name"])
    if len(channels) >= ctx.authority.quotas.channels_per_region:
        raise ChannelMaxLimitExceededException(f"The account has the maximum of {len(channels)} channels in this region.")
    made = Channel(str(uuid4()), ctx.account, ctx.facts.region, request["Name"], request["Source"], ctx.now, destinations, tags)
    ctx.store.channels.add(made)
    return cast("shapes.CreateChannelResponse", _described(made) | ({"Tags": request["Tags"]} if tags else {}))


@cloudtrail.operation("GetChannel", access=Access.READ, resource=named, conditions=channel_tags)
def get_channel(ctx: Context, request: shapes.GetChannelRequest) -> shapes.GetChannelResponse:
    """Raises ChannelARNInvalidException, ChannelNotFoundException."""
    channel = the_channel(ctx, request["Channel"])
    return cast("shapes.GetChannelResponse", _described(channel) | {"IngestionStatus": _status(channel.ingestion)})


@cloudtrail.operation("ListChannels", access=Access.LIST, resource=everything)
def list_channels(ctx: Context, request: shapes.ListChannelsRequest) -> shapes.ListChannelsResponse:
    """Those of the account in the region of the call, by name. Raises InvalidNextTokenException."""
    channels, more = page(ctx, "channels", request, ctx.store.channels.of(ctx.account, ctx.facts.region), PAGE)
    shown = [{"ChannelArn": str(channel.arn), "Name": channel.name} for channel in channels]
    return cast("shapes.ListChannelsResponse", {"Channels": shown, **more})


@cloudtrail.operation("UpdateChannel", access=Access.WRITE, resource=named, conditions=channel_tags, event_resources=_about)
def update_channel(ctx: Context, request: shapes.UpdateChannelRequest) -> shapes.UpdateChannelResponse:
    """What is left out stays. Raises as CreateChannel, and ChannelARNInvalidException, ChannelNotFoundException."""
    channel = the_channel(ctx, request["Channel"])
    if request.get("Name", channel.name) != channel.name:
        _require_free(ctx, request["Name"])
        channel = replace(channel, name=request["Name"])
    if "Destinations" in request:
        channel = replace(channel, destinations=_destinations(ctx, request["Destinations"]))
    ctx.store.channels.replace(channel)
    return cast("shapes.UpdateChannelResponse", _described(channel))


@cloudtrail.operation("DeleteChannel", access=Access.WRITE, resource=named, conditions=channel_tags, event_resources=_about)
def delete_channel(ctx: Context, request: shapes.DeleteChannelRequest) -> shapes.DeleteChannelResponse:
    """Its resource policy goes with it; what came through it stays in the stores. Raises ChannelARNInvalidException,
    ChannelNotFoundException."""
    channel = the_channel(ctx, request["Channel"])
    ctx.store.trail_resource_policies.delete(str(channel.arn))
    ctx.store.channels.delete(channel.id)
    return {}


def _require_free(ctx: Context, name: str) -> None:
    if any(channel.name == name for channel in ctx.store.channels.of(ctx.account, ctx.facts.region)):
        raise ChannelAlreadyExistsException(f"A channel with name {name} already exists.")


def _destinations(ctx: Context, given: Sequence[shapes.Destination]) -> tuple[str, ...]:
    """The ids of the stores, each of which is for events from outside. Raises EventDataStoreARNInvalidException,
    EventDataStoreNotFoundException, InactiveEventDataStoreException, InvalidEventDataStoreCategoryException, InvalidParameterException."""
    if any(each["Type"] != _STORE for each in given):
        raise InvalidParameterException(f"The destinations of a channel are of type {_STORE}.")
    stores = [active_store(ctx, each["Location"]) for each in given]
    for store in stores:
        if store.categories != {ACTIVITY}:
            raise InvalidEventDataStoreCategoryException(f"The event data store {store.arn} is not for events of category {ACTIVITY}.")
    if len({store.id for store in stores}) != len(stores):
        raise InvalidParameterException("A channel leads to an event data store once.")
    return tuple(store.id for store in stores)


def _described(channel: Channel) -> dict[str, Any]:
    stores = [replace(channel.arn, resource=f"eventdatastore/{each}") for each in channel.destinations]
    return {
        "ChannelArn": str(channel.arn),
        "Name": channel.name,
        "Source": channel.source,
        "Destinations": [{"Type": _STORE, "Location": str(arn)} for arn in stores],
    }


def _status(ingestion: Ingestion) -> dict[str, Any]:
    """What has never happened is left out."""
    told: dict[str, Any] = {
        "LatestIngestionSuccessTime": datetime.fromtimestamp(ingestion.succeeded, UTC) if ingestion.succeeded else None,
        "LatestIngestionSuccessEventID": ingestion.succeeded_id or None,
        "LatestIngestionErrorCode": ingestion.error or None,
        "LatestIngestionAttemptTime": datetime.fromtimestamp(ingestion.attempted, UTC) if ingestion.attempted else None,
        "LatestIngestionAttemptEventID": ingestion.attempted_id or None,
    }
    return {name: value for name, value in told.items() if value is not None}
