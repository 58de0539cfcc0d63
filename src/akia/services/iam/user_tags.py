"""Tags of users: TagUser, UntagUser, ListUserTags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access, Conditions, Context
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags, user_arn, user_conditions, user_named
from akia.services.iam.users import event_users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags that the user has, those to be set, and the keys of those to be removed."""
    keys = request.get("TagKeys")
    removed: Conditions = {"aws:tagkeys": list(keys)} if keys else {}
    return {**user_conditions(ctx, request), **request_tags(request.get("Tags")), **removed}


@iam.operation("TagUser", access=Access.TAGGING, resource=user_arn, conditions=_tagging, event_resources=event_users)
def tag_user(ctx: Context, request: shapes.TagUserRequest) -> None:
    """Set tags; a key that is there already, in whatever case, is replaced. Raises NoSuchEntity, InvalidInput, LimitExceeded (P5.4-12)."""
    user = user_named(ctx, request["UserName"])
    ctx.store.users.replace(replace(user, tags=tags.merged(user.tags, request["Tags"], ctx.authority.quotas)))


@iam.operation("UntagUser", access=Access.TAGGING, resource=user_arn, conditions=_tagging, event_resources=event_users)
def untag_user(ctx: Context, request: shapes.UntagUserRequest) -> None:
    """Remove tags; keys that are not there do not matter. Raises NoSuchEntity."""
    user = user_named(ctx, request["UserName"])
    ctx.store.users.replace(replace(user, tags=tags.without(user.tags, request["TagKeys"])))


@iam.operation("ListUserTags", access=Access.LIST, resource=user_arn, conditions=user_conditions, event_resources=event_users)
def list_user_tags(ctx: Context, request: shapes.ListUserTagsRequest) -> shapes.ListUserTagsResponse:
    """In the order of keys. Raises NoSuchEntity, ValidationError (marker)."""
    user = user_named(ctx, request["UserName"])
    shown, end = pages.window(request, f"tags of {user.id}").slice(tags.to_wire(user.tags))
    return {"Tags": list(shown), **end}
