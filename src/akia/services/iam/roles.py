"""IAM roles: their making, their look-up, their settings, their end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from akia.aws.errors import DeleteConflict
from akia.aws.ids import Prefix
from akia.identity.role import DEFAULT_SESSION_SECONDS, TRACKED_SECONDS, Role
from akia.operation import Access
from akia.services.iam import tags, trust_policies
from akia.services.iam._iam import iam, request_tags, require_room, utc
from akia.services.iam.boundaries import PERMISSIONS_BOUNDARY, boundary_policy, bounded_role_conditions
from akia.services.iam.identities import ROLES, role_arn, role_named
from akia.services.iam.policy_holders import require_no_policies
from akia.services.iam.protected_roles import check_path, describable_role, modifiable_role
from akia.services.iam.tagging import tagging_too
from akia.services.iam.trust_policies import about_role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes


class _BoundsAndTags(TypedDict, total=False):
    PermissionsBoundary: shapes.AttachedPermissionsBoundary
    Tags: list[shapes.Tag]


def identified(ctx: Context, role: Role) -> shapes.Role:
    """A role as instance profiles show it, and as everything else begins to."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": str(role.arn),
        "CreateDate": utc(role.created),
        "AssumeRolePolicyDocument": trust_policies.shown(ctx, role.trust),
    }


def listed(ctx: Context, role: Role) -> shapes.Role:
    """A role as lists show it: without tags, boundary and last use, which only GetRole tells."""
    return {**_described(ctx, role), "MaxSessionDuration": role.max_session_seconds}


def made(ctx: Context, role: Role) -> shapes.Role:
    """A role as its making shows it, and a new description: without its longest session, which only GetRole and lists tell."""
    return {**_described(ctx, role), **bounds_and_tags(role)}


def _described(ctx: Context, role: Role) -> shapes.Role:
    shown = identified(ctx, role)
    if role.description:
        shown["Description"] = role.description
    return shown


def bounds_and_tags(role: Role) -> _BoundsAndTags:
    """Its boundary and its tags, as far as it has them."""
    shown: _BoundsAndTags = {}
    if role.boundary is not None:
        shown["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": role.boundary}
    if role.tags:
        shown["Tags"] = tags.to_wire(role.tags)
    return shown


def last_used(ctx: Context, role: Role) -> shapes.RoleLastUsed:
    """When and where a session of the role last called anything: empty if none did, within as many days as AWS looks back.

    Known from the events that the store has; those of the last second may still be in the journals.
    """
    used = ctx.store.events.role_last_used(role.id)
    recent = used is not None and used.at >= ctx.now - TRACKED_SECONDS
    return {"LastUsedDate": utc(used.at), "Region": used.region} if used and recent else {}


def _creation(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    boundary = request.get("PermissionsBoundary")
    return {**request_tags(request.get("Tags")), **({PERMISSIONS_BOUNDARY: boundary} if boundary else {})}


@iam.operation(
    "CreateRole",
    access=Access.PERMISSIONS,
    resource=ROLES.new_arn,
    conditions=_creation,
    also=tagging_too("iam:TagRole", ROLES.new_arn),
    event_resources=about_role,
)
def create_role(ctx: Context, request: shapes.CreateRoleRequest) -> shapes.CreateRoleResponse:
    """Names are unique without regard to case (P5.4-21).

    Raises EntityAlreadyExists, LimitExceeded, MalformedPolicyDocument; NoSuchEntity and ValidationError for the boundary;
    InvalidInput for tags and for paths of protected roles.
    """
    quotas, roles = ctx.authority.quotas, ctx.store.roles
    make = _maker(ctx, request)
    require_room("RolesPerAccount", roles.count(ctx.account), quotas.roles_per_account)
    role = ROLES.create(ctx, request, Prefix.ROLE, make, roles.add)
    return {"Role": made(ctx, role)}


def _maker(ctx: Context, request: shapes.CreateRoleRequest) -> Callable[[str], Role]:
    """The new role, checked, but for its id."""
    path, boundary = request.get("Path", "/"), request.get("PermissionsBoundary")
    check_path(path)
    trust = trust_policies.kept(ctx, request["AssumeRolePolicyDocument"])
    given = tags.given(request.get("Tags"), ctx.authority.quotas)
    if boundary is not None:
        boundary_policy(ctx, boundary)
    return lambda fresh: Role(
        account=ctx.account,
        id=fresh,
        name=request["RoleName"],
        path=path,
        created=ctx.now,
        trust=trust,
        description=request.get("Description", ""),
        max_session_seconds=request.get("MaxSessionDuration", DEFAULT_SESSION_SECONDS),
        tags=given,
        boundary=boundary,
    )


@iam.operation("GetRole", access=Access.READ, resource=role_arn, conditions=bounded_role_conditions, event_resources=about_role)
def get_role(ctx: Context, request: shapes.GetRoleRequest) -> shapes.GetRoleResponse:
    """With its last use, as of a second ago: too many ask for roles to have the journals drained for each. Raises NoSuchEntity."""
    role = role_named(ctx, request["RoleName"])
    return {"Role": {**listed(ctx, role), **bounds_and_tags(role), "RoleLastUsed": last_used(ctx, role)}}


@iam.operation("ListRoles", access=Access.LIST, resource=ROLES.collection)
def list_roles(ctx: Context, request: shapes.ListRolesRequest) -> shapes.ListRolesResponse:
    """In the order of names. Raises ValidationError (marker)."""
    roles, end = ROLES.page(ctx, request, "roles")
    return {"Roles": [listed(ctx, role) for role in roles], **end}


@iam.operation("UpdateRole", access=Access.PERMISSIONS, resource=role_arn, conditions=bounded_role_conditions, event_resources=about_role)
def update_role(ctx: Context, request: shapes.UpdateRoleRequest) -> shapes.UpdateRoleResponse:
    """A description that is not given stays; a longest session that is not given becomes one hour.

    Of a service-linked role nothing but the description changes. Raises NoSuchEntity, UnmodifiableEntity (P1.2-6).
    """
    if role_named(ctx, request["RoleName"]).is_service_linked and "MaxSessionDuration" not in request:
        role = describable_role(ctx, request["RoleName"])
    else:
        role = modifiable_role(ctx, request["RoleName"])
        role = replace(role, max_session_seconds=request.get("MaxSessionDuration", DEFAULT_SESSION_SECONDS))
    ctx.store.roles.replace(replace(role, description=request.get("Description", role.description)))
    return {}


@iam.operation(
    "UpdateRoleDescription", access=Access.PERMISSIONS, resource=role_arn, conditions=bounded_role_conditions, event_resources=about_role
)
def update_role_description(ctx: Context, request: shapes.UpdateRoleDescriptionRequest) -> shapes.UpdateRoleDescriptionResponse:
    """Raises NoSuchEntity, UnmodifiableEntity (P1.2-6)."""
    role = replace(describable_role(ctx, request["RoleName"]), description=request["Description"])
    ctx.store.roles.replace(role)
    return {"Role": made(ctx, role)}


@iam.operation("DeleteRole", access=Access.PERMISSIONS, resource=role_arn, conditions=bounded_role_conditions, event_resources=about_role)
def delete_role(ctx: Context, request: shapes.DeleteRoleRequest) -> None:
    """Its sessions end with it.

    Raises NoSuchEntity, UnmodifiableEntity (P1.2-6), DeleteConflict while it is in an instance profile or has policies (P5.3-5).
    """
    role = modifiable_role(ctx, request["RoleName"])
    if ctx.store.instance_profiles.of_role(role.id, limit=1):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    require_no_policies(ctx, role)
    ctx.store.roles.delete(role)
