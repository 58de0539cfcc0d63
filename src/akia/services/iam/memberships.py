"""Who is in which group: AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.operation import Access, Context
from akia.services.iam import pages
from akia.services.iam._iam import GROUP, USER, iam, require_room
from akia.services.iam.groups import listed
from akia.services.iam.identities import USERS, group_arn, group_named, user_arn, user_conditions, user_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.shapes import iam as shapes


def _event_both(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    yield GROUP, request["GroupName"]
    yield USER, request["UserName"]


@iam.operation("AddUserToGroup", access=Access.PERMISSIONS, resource=group_arn, event_resources=_event_both)
def add_user_to_group(ctx: Context, request: shapes.AddUserToGroupRequest) -> None:
    """What must be allowed is the group (P2.2-7). Adding a member again changes nothing. Raises NoSuchEntity, LimitExceeded."""
    group, user = group_named(ctx, request["GroupName"]), user_named(ctx, request["UserName"])
    groups = ctx.store.groups
    if not groups.is_member(group, user):
        require_room("GroupsPerUser", groups.count_of_user(user.id), ctx.authority.quotas.groups_per_user)
        groups.add_member(group, user)


@iam.operation("RemoveUserFromGroup", access=Access.PERMISSIONS, resource=group_arn, event_resources=_event_both)
def remove_user_from_group(ctx: Context, request: shapes.RemoveUserFromGroupRequest) -> None:
    """Removing who is no member changes nothing, as in AWS. Raises NoSuchEntity."""
    ctx.store.groups.remove_member(group_named(ctx, request["GroupName"]), user_named(ctx, request["UserName"]))


@iam.operation("ListGroupsForUser", access=Access.LIST, resource=user_arn, conditions=user_conditions, event_resources=USERS.about)
def list_groups_for_user(ctx: Context, request: shapes.ListGroupsForUserRequest) -> shapes.ListGroupsForUserResponse:
    """In the order of names. Raises NoSuchEntity, ValidationError (marker)."""
    user = user_named(ctx, request["UserName"])
    window = pages.window(request, f"groups of {user.id}")
    groups, end = window.cut(ctx.store.groups.of_user(user.id, window.after, window.reach), lambda group: group.name)
    return {"Groups": [listed(group) for group in groups], **end}
