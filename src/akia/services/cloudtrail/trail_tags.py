"""Tags of trails, event data stores, channels and dashboards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.identity.channel import Channel
from akia.identity.dashboard import Dashboard
from akia.identity.trail import Trail
from akia.operation import Access, Conditions, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.named_channels import tags_of_channel, the_channel
from akia.services.cloudtrail.named_dashboards import tags_of_dashboard, the_dashboard
from akia.services.cloudtrail.named_event_data_stores import active_store, tags_of
from akia.services.cloudtrail.named_trails import in_member, owned, seen, tags_in_member, trail_arn
from akia.services.cloudtrail.trail_errors import (
    ChannelNotFoundException,
    CloudTrailARNInvalidException,
    InvalidTagParameterException,
    ResourceNotFoundException,
    TagsLimitExceededException,
    TrailNotFoundException,
    refuse_token,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from akia.identity.event_data_store import EventDataStore
    from akia.wire.shapes import cloudtrail as shapes

MOST_TAGS = 50
_named = tags_in_member("ResourceId")


def request_tags(request: Mapping[str, Any]) -> Conditions:
    """`aws:RequestTag/k` and `aws:TagKeys` of the tags in a request; nothing if there are none."""
    tags = request.get("TagsList") or ()
    found = {f"aws:requesttag/{tag['Key'].lower()}": tag.get("Value", "") for tag in tags}
    return {"aws:tagkeys": [tag["Key"] for tag in tags], **found} if tags else {}


def tags_given(tags: Sequence[shapes.Tag] | None, old: Mapping[str, str] | None = None) -> dict[str, str]:
    """`old` with the tags of a request. Raises InvalidTagParameterException (a key twice or reserved), TagsLimitExceededException."""
    new = {tag["Key"]: tag.get("Value", "") for tag in tags or ()}
    if len(new) != len(tags or ()):
        raise InvalidTagParameterException("Tag keys must be unique.")
    if any(key.lower().startswith("aws:") for key in new):
        raise InvalidTagParameterException("Tag keys must not begin with aws:.")
    together = {**(old or {}), **new}
    if len(together) > MOST_TAGS:
        raise TagsLimitExceededException(f"The number of tags per trail has exceeded the limit of {MOST_TAGS}.")
    return together


def _tags_there(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    arn = request["ResourceId"]
    return {**_named(ctx, request), **tags_of(ctx, arn), **tags_of_channel(ctx, arn), **tags_of_dashboard(ctx, arn)}


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**_tags_there(ctx, request), **request_tags(request)}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**_tags_there(ctx, request), "aws:tagkeys": [tag["Key"] for tag in request["TagsList"]]}


@cloudtrail.operation("AddTags", access=Access.TAGGING, resource=in_member("ResourceId"), conditions=_tagging)
def add_tags(ctx: Context, request: shapes.AddTagsRequest) -> shapes.AddTagsResponse:
    """Raises CloudTrailARNInvalidException, ResourceNotFoundException, TagsLimitExceededException, InvalidTagParameterException;
    EventDataStoreNotFoundException, InactiveEventDataStoreException; ChannelARNInvalidException."""
    tagged = _tagged(ctx, request["ResourceId"], owned)
    _replace(ctx, tagged, tags_given(request["TagsList"], tagged.tags))
    return {}


@cloudtrail.operation("RemoveTags", access=Access.TAGGING, resource=in_member("ResourceId"), conditions=_untagging)
def remove_tags(ctx: Context, request: shapes.RemoveTagsRequest) -> shapes.RemoveTagsResponse:
    """Only the keys of what is given count; those that are not there do not matter. Raises as AddTags."""
    tagged = _tagged(ctx, request["ResourceId"], owned)
    gone = {tag["Key"] for tag in request["TagsList"]}
    _replace(ctx, tagged, {key: value for key, value in tagged.tags.items() if key not in gone})
    return {}


def _listed(ctx: Context, request: Mapping[str, Any]) -> Sequence[str]:
    return [trail_arn(ctx, arn) for arn in request["ResourceIdList"]] or "*"


@cloudtrail.operation("ListTags", access=Access.READ, resource=_listed)
def list_tags(ctx: Context, request: shapes.ListTagsRequest) -> shapes.ListTagsResponse:
    """Raises CloudTrailARNInvalidException, ResourceNotFoundException, InvalidTokenException (all are told at once)."""
    refuse_token(request)
    tagged = [_tagged(ctx, arn, seen) for arn in request["ResourceIdList"]]
    shown = [{"ResourceId": str(each.arn), "TagsList": _to_wire(each.tags)} for each in tagged]
    return cast("shapes.ListTagsResponse", {"ResourceTagList": shown})


def _tagged(ctx: Context, arn: str, find: Callable[[Context, str], Trail]) -> Trail | EventDataStore | Channel | Dashboard:
    if not arn.startswith("arn:"):
        raise CloudTrailARNInvalidException(f"Not a valid ARN: {arn}")
    resource = arn.split(":", 5)[-1]
    if resource.startswith("eventdatastore/"):
        return active_store(ctx, arn)
    if resource.startswith("dashboard/"):
        return the_dashboard(ctx, arn)
    try:
        return the_channel(ctx, arn) if resource.startswith("channel/") else find(ctx, arn)
    except (ChannelNotFoundException, TrailNotFoundException) as error:
        raise ResourceNotFoundException(error.message) from None


def _replace(ctx: Context, tagged: Trail | EventDataStore | Channel | Dashboard, tags: Mapping[str, str]) -> None:
    if isinstance(tagged, Trail):
        ctx.store.trails.replace(replace(tagged, tags=tags))
    elif isinstance(tagged, Channel):
        ctx.store.channels.replace(replace(tagged, tags=tags))
    elif isinstance(tagged, Dashboard):
        ctx.store.dashboards.put(replace(tagged, tags=tags))
    else:
        ctx.store.event_data_stores.replace(replace(tagged, tags=tags))


def _to_wire(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": tags[key]} if tags[key] else {"Key": key} for key in sorted(tags)]
