"""Organizational units: their making, their look-up, their names, their end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.aws.organization_errors import ConstraintViolation, DuplicateOrganizationalUnit, OrganizationalUnitNotEmpty
from akia.identity.organization import OrganizationalUnit
from akia.operation import Access
from akia.services.organizations import entities, pages, tags
from akia.services.organizations._organizations import Reach, about, named, new_id, operation, tagging
from akia.services.organizations.membership import attach_full_access
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes


def shown(ctx: Context, organization: Organization, unit: OrganizationalUnit) -> shapes.OrganizationalUnit:
    """A unit as the wire shows it."""
    path = entities.containers_above(ctx, organization, unit.id)
    return {
        "Id": unit.id,
        "Arn": organization.arn("ou", unit.id),
        "Name": unit.name,
        "Path": "/".join((organization.id, *path, "")),
    }


@operation("CreateOrganizationalUnit", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=named("ParentId"), also=tagging("ou", "ou-*"))
def create_unit(
    ctx: Context, organization: Organization, request: shapes.CreateOrganizationalUnitRequest
) -> shapes.CreateOrganizationalUnitResponse:
    """Raises ParentNotFound, DuplicateOrganizationalUnit, ConstraintViolation, InvalidInput (tags)."""
    parent = request["ParentId"]
    entities.require_container(ctx, organization, parent)
    _require_room(ctx, organization, parent)
    given = tags.given(ctx, request.get("Tags", []))
    made = OrganizationalUnit(f"ou-{organization.root[2:]}-{new_id('', 8)}", organization.id, parent, request["Name"])
    try:
        ctx.store.organizational_units.add(made)
    except NameTaken:
        raise DuplicateOrganizationalUnit from None
    attach_full_access(ctx, organization, made.id)
    ctx.store.organization_tags.put(made.id, organization.id, given)
    return {"OrganizationalUnit": shown(ctx, organization, made)}


def _require_room(ctx: Context, organization: Organization, parent: str) -> None:
    quotas = ctx.authority.quotas
    if len(entities.containers_above(ctx, organization, parent)) > quotas.unit_depth:
        raise ConstraintViolation("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth of the tree of units.")
    if ctx.store.organizational_units.count(organization.id) >= quotas.units_per_organization:
        raise ConstraintViolation("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of organizational units.")


_ONE = named("OrganizationalUnitId")
_ABOUT = about("OrganizationalUnit", "OrganizationalUnitId")


@operation("DescribeOrganizationalUnit", access=Access.READ, reach=Reach.DELEGATES, resource=_ONE, about=_ABOUT)
def describe_unit(
    ctx: Context, organization: Organization, request: shapes.DescribeOrganizationalUnitRequest
) -> shapes.DescribeOrganizationalUnitResponse:
    """Raises OrganizationalUnitNotFound."""
    return {"OrganizationalUnit": shown(ctx, organization, entities.unit(ctx, organization, request["OrganizationalUnitId"]))}


@operation("UpdateOrganizationalUnit", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_ONE, about=_ABOUT)
def update_unit(
    ctx: Context, organization: Organization, request: shapes.UpdateOrganizationalUnitRequest
) -> shapes.UpdateOrganizationalUnitResponse:
    """Raises OrganizationalUnitNotFound, DuplicateOrganizationalUnit."""
    unit = entities.unit(ctx, organization, request["OrganizationalUnitId"])
    unit = replace(unit, name=request.get("Name", unit.name))
    try:
        ctx.store.organizational_units.replace(unit)
    except NameTaken:
        raise DuplicateOrganizationalUnit from None
    return {"OrganizationalUnit": shown(ctx, organization, unit)}


@operation("DeleteOrganizationalUnit", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_ONE, about=_ABOUT)
def delete_unit(ctx: Context, organization: Organization, request: shapes.DeleteOrganizationalUnitRequest) -> None:
    """Raises OrganizationalUnitNotFound, OrganizationalUnitNotEmpty."""
    store, unit = ctx.store, entities.unit(ctx, organization, request["OrganizationalUnitId"])
    if store.organizational_units.page(unit.id, limit=1) or store.members.of_parent(unit.id, limit=1):
        raise OrganizationalUnitNotEmpty
    store.control_policy_targets.clear(unit.id)
    store.organization_tags.delete(unit.id)
    store.organizational_units.delete(unit.id)


@operation("ListOrganizationalUnitsForParent", access=Access.LIST, reach=Reach.DELEGATES, resource=named("ParentId"))
def list_units(
    ctx: Context, organization: Organization, request: shapes.ListOrganizationalUnitsForParentRequest
) -> shapes.ListOrganizationalUnitsForParentResponse:
    """Those right below the parent, by id. Raises ParentNotFound, InvalidInput (token)."""
    parent = request["ParentId"]
    entities.require_container(ctx, organization, parent)
    units, end = pages.page(
        request, f"units {parent}", lambda after, limit: ctx.store.organizational_units.page(parent, after, limit), lambda unit: unit.id
    )
    return {"OrganizationalUnits": [shown(ctx, organization, unit) for unit in units], **end}
