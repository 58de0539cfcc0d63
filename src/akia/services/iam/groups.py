"""IAM groups: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import DeleteConflict
from akia.aws.ids import Prefix
from akia.identity.group import Group
from akia.operation import Access, Context
from akia.services.iam import pages
from akia.services.iam._iam import iam, require_room, utc
from akia.services.iam.identities import GROUPS, group_arn, group_named
from akia.services.iam.policy_holders import require_no_policies
from akia.services.iam.users import listed as user_listed

if TYPE_CHECKING:
    from akia.wire.shapes import iam as shapes


def listed(group: Group) -> shapes.Group:
    return {"Path": group.path, "GroupName": group.name, "GroupId": group.id, "Arn": str(group.arn), "CreateDate": utc(group.created)}


@iam.operation("CreateGroup", access=Access.PERMISSIONS, resource=GROUPS.new_arn, event_resources=GROUPS.about)
def create_group(ctx: Context, request: shapes.CreateGroupRequest) -> shapes.CreateGroupResponse:
    """Raises EntityAlreadyExists (names are unique without regard to case, P5.4-21), LimitExceeded."""
    name, path, groups = request["GroupName"], request.get("Path", "/"), ctx.store.groups
    require_room("GroupsPerAccount", groups.count(ctx.account), ctx.authority.quotas.groups_per_account)
    group = GROUPS.create(ctx, request, Prefix.GROUP, lambda fresh: Group(ctx.account, fresh, name, path, ctx.now), groups.add)
    return {"Group": listed(group)}


@iam.operation("GetGroup", access=Access.READ, resource=group_arn, event_resources=GROUPS.about)
def get_group(ctx: Context, request: shapes.GetGroupRequest) -> shapes.GetGroupResponse:
    """The group and a page of its members. Raises NoSuchEntity, ValidationError (marker)."""
    group = group_named(ctx, request["GroupName"])
    window = pages.window(request, f"members of {group.id}")
    users, end = window.cut(ctx.store.groups.members(group, window.after, window.reach), lambda user: user.name)
    return {"Group": listed(group), "Users": [user_listed(user) for user in users], **end}


@iam.operation("ListGroups", access=Access.LIST, resource=GROUPS.collection)
def list_groups(ctx: Context, request: shapes.ListGroupsRequest) -> shapes.ListGroupsResponse:
    """In the order of names. Raises ValidationError (marker)."""
    groups, end = GROUPS.page(ctx, request, "groups")
    return {"Groups": [listed(group) for group in groups], **end}


@iam.operation("UpdateGroup", access=Access.PERMISSIONS, resource=GROUPS.both_arns, event_resources=GROUPS.about)
def update_group(ctx: Context, request: shapes.UpdateGroupRequest) -> None:
    """Rename or move; members and policies stay. Raises NoSuchEntity, EntityAlreadyExists."""
    GROUPS.rename(ctx, request)


@iam.operation("DeleteGroup", access=Access.PERMISSIONS, resource=group_arn, event_resources=GROUPS.about)
def delete_group(ctx: Context, request: shapes.DeleteGroupRequest) -> None:
    """Raises NoSuchEntity, and DeleteConflict while the group has members or policies (P5.3-5)."""
    group = group_named(ctx, request["GroupName"])
    if ctx.store.groups.members(group, limit=1):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    require_no_policies(ctx, group)
    ctx.store.groups.delete(group)
