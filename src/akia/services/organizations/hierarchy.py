"""What stands above and below: ListParents, ListChildren."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.organization_errors import ChildNotFound
from akia.operation import Access
from akia.services.organizations import entities, pages
from akia.services.organizations._organizations import Reach, named, operation

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes


@operation("ListParents", access=Access.LIST, reach=Reach.DELEGATES, resource=named("ChildId"))
def list_parents(ctx: Context, organization: Organization, request: shapes.ListParentsRequest) -> shapes.ListParentsResponse:
    """The one parent of an account or a unit. Raises ChildNotFound, InvalidInput (token)."""
    child = request["ChildId"]
    if entities.kind_of(child) == entities.ACCOUNT:
        parent = entities.member(ctx, organization, child, ChildNotFound).parent
    else:
        parent = entities.unit(ctx, organization, child, ChildNotFound).parent
    parents, end = pages.page(request, f"parents {child}", pages.among([parent], str), str)
    return {"Parents": [{"Id": each, "Type": entities.kind_of(each)} for each in parents], **end}


@operation("ListChildren", access=Access.LIST, reach=Reach.DELEGATES, resource=named("ParentId"))
def list_children(ctx: Context, organization: Organization, request: shapes.ListChildrenRequest) -> shapes.ListChildrenResponse:
    """The accounts, or the units, right below the parent. Raises ParentNotFound, InvalidInput (token)."""
    parent, kind = request["ParentId"], request["ChildType"]
    entities.require_container(ctx, organization, parent)

    def fetch(after: str, limit: int) -> list[str]:
        if kind == entities.ACCOUNT:
            return [member.account for member in ctx.store.members.of_parent(parent, after, limit)]
        return [unit.id for unit in ctx.store.organizational_units.page(parent, after, limit)]

    children, end = pages.page(request, f"children {kind} {parent}", fetch, str)
    return {"Children": [{"Id": child, "Type": kind} for child in children], **end}
