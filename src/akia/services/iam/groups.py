"""IAM groups: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.aws.errors import DeleteConflict, EntityAlreadyExists
from akia.aws.ids import Prefix
from akia.identity.group import Group
from akia.operation import Access, Context
from akia.services.iam import pages
from akia.services.iam._iam import GROUP, group_arn, group_named, iam, iam_arn, require_room, utc, with_fresh_id
from akia.services.iam.users import listed as user_listed
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.shapes import iam as shapes


def listed(group: Group) -> shapes.Group:
    return {"Path": group.path, "GroupName": group.name, "GroupId": group.id, "Arn": str(group.arn), "CreateDate": utc(group.created)}


def _event_groups(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    for member in ("GroupName", "NewGroupName"):
        if member in request:
            yield GROUP, request[member]


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the group to be created (P2.2-6)."""
    return iam_arn(ctx, f"group{request.get('Path', '/')}{request['GroupName']}")


@iam.operation("CreateGroup", access=Access.PERMISSIONS, resource=_new_arn, event_resources=_event_groups)
def create_group(ctx: Context, request: shapes.CreateGroupRequest) -> shapes.CreateGroupResponse:
    """Raises EntityAlreadyExists (names are unique without regard to case, P5.4-21), LimitExceeded."""
    name, groups = request["GroupName"], ctx.store.groups
    require_room("GroupsPerAccount", groups.count(ctx.account), ctx.authority.quotas.groups_per_account)
    try:
        group = with_fresh_id(
            ctx, Prefix.GROUP, lambda fresh: Group(ctx.account, fresh, name, request.get("Path", "/"), ctx.now), groups.add
        )
    except NameTaken:
        raise EntityAlreadyExists(f"Group with name {name} already exists.") from None
    return {"Group": listed(group)}


@iam.operation("GetGroup", access=Access.READ, resource=group_arn, event_resources=_event_groups)
def get_group(ctx: Context, request: shapes.GetGroupRequest) -> shapes.GetGroupResponse:
    """The group and a page of its members. Raises NoSuchEntity, ValidationError (marker)."""
    group = group_named(ctx, request["GroupName"])
    window = pages.window(request, f"members of {group.id}")
    users, end = window.cut(ctx.store.groups.members(group, window.after, window.reach), lambda user: user.name)
    return {"Group": listed(group), "Users": [user_listed(user) for user in users], **end}


def _collection(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"group{request.get('PathPrefix', '/')}")


@iam.operation("ListGroups", access=Access.LIST, resource=_collection)
def list_groups(ctx: Context, request: shapes.ListGroupsRequest) -> shapes.ListGroupsResponse:
    """In the order of names. Raises ValidationError (marker)."""
    window = pages.window(request, "groups")
    found = ctx.store.groups.page(ctx.account, request.get("PathPrefix", "/"), window.after, window.reach)
    groups, end = window.cut(found, lambda group: group.name)
    return {"Groups": [listed(group) for group in groups], **end}


def _both_arns(ctx: Context, request: Mapping[str, Any]) -> list[str]:
    """A rename needs permission on what the group is called and on what it will be called (NT-42)."""
    group = ctx.store.groups.named(ctx.account, request["GroupName"])
    path = request.get("NewPath", group.path if group else "/")
    return [group_arn(ctx, request), iam_arn(ctx, f"group{path}{request.get('NewGroupName', request['GroupName'])}")]


@iam.operation("UpdateGroup", access=Access.PERMISSIONS, resource=_both_arns, event_resources=_event_groups)
def update_group(ctx: Context, request: shapes.UpdateGroupRequest) -> None:
    """Rename or move; members and policies stay. Raises NoSuchEntity, EntityAlreadyExists."""
    group = group_named(ctx, request["GroupName"])
    changed = replace(group, name=request.get("NewGroupName", group.name), path=request.get("NewPath", group.path))
    try:
        ctx.store.groups.replace(changed)
    except NameTaken:
        raise EntityAlreadyExists(f"Group with name {changed.name} already exists.") from None


@iam.operation("DeleteGroup", access=Access.PERMISSIONS, resource=group_arn, event_resources=_event_groups)
def delete_group(ctx: Context, request: shapes.DeleteGroupRequest) -> None:
    """Raises NoSuchEntity, and DeleteConflict while the group has members or policies (P5.3-5)."""
    group = group_named(ctx, request["GroupName"])
    if ctx.store.groups.members(group, limit=1):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if ctx.store.attachments.count_of(group.id):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if ctx.store.inline_policies.any(group.id):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    ctx.store.groups.delete(group)
