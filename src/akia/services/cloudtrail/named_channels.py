"""Which channel a request means, by its ARN or the last part of it. A channel shows in its own account and region only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.identity.channel import channel_id
from akia.services.cloudtrail.trail_errors import ChannelARNInvalidException, ChannelNotFoundException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.channel import Channel
    from akia.operation import Conditions, Context

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def channel_arn(ctx: Context, text: str) -> str:
    """The ARN that `text` is, or that of the channel with this id in the account and region of the call. Never raises."""
    return text if text.startswith("arn:") else str(Arn("cloudtrail", ctx.facts.region, ctx.account, f"channel/{text}"))


def named(ctx: Context, request: Mapping[str, Any]) -> str:
    """The resource of operations whose input names a channel."""
    return channel_arn(ctx, request["Channel"])


def channel_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """`aws:ResourceTag/k` of the channel; nothing if there is none."""
    return tags_of_channel(ctx, request["Channel"])


def tags_of_channel(ctx: Context, text: str) -> Conditions:
    """`aws:ResourceTag/k` of the channel that `text` names; nothing if there is none. Never raises."""
    found = find_channel(ctx, text)
    return {f"aws:resourcetag/{key.lower()}": value for key, value in found.tags.items()} if found else {}


def find_channel(ctx: Context, text: str) -> Channel | None:
    """The channel that `text` names. Never raises."""
    found = ctx.store.channels.get(channel_id(channel_arn(ctx, text)) or "")
    here = found is not None and (found.account, found.region) == (ctx.account, ctx.facts.region)
    return found if here and found is not None and str(found.arn) == channel_arn(ctx, text) else None


def the_channel(ctx: Context, text: str) -> Channel:
    """Raises ChannelARNInvalidException, ChannelNotFoundException."""
    if channel_id(text) is None and not _ID.fullmatch(text):
        raise ChannelARNInvalidException(f"Not a valid channel ARN or ID: {text}")
    found = find_channel(ctx, text)
    if found is None:
        raise ChannelNotFoundException(f"The channel {channel_arn(ctx, text)} does not exist.")
    return found
