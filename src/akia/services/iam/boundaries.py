"""Permissions boundaries of users and roles: the managed policy beyond which no identity-based policy carries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.aws.errors import PolicyNotAttachable
from akia.operation import Access
from akia.services.iam._iam import (
    ROLE,
    USER,
    boundary_policy,
    find_user,
    iam,
    role_arn,
    role_conditions,
    user_arn,
    user_conditions,
    user_named,
)
from akia.services.iam.protected_roles import modifiable_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.identity.managed_policy import ManagedPolicy
    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes

PERMISSIONS_BOUNDARY = "iam:permissionsboundary"


def bounded_user_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the user that the request names and, in `iam:PermissionsBoundary`, the boundary that it has. Never raises."""
    user = find_user(ctx, request["UserName"])
    return _with_boundary(user_conditions(ctx, request), user.boundary if user else None)


def bounded_role_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The same for a role."""
    role = ctx.look_up("roles", request["RoleName"], ctx.store.roles.named)
    return _with_boundary(role_conditions(ctx, request), role.boundary if role else None)


def _with_boundary(conditions: Conditions, boundary: str | None) -> Conditions:
    return {**conditions, PERMISSIONS_BOUNDARY: boundary} if boundary else conditions


# Setting a boundary asks about the new one, so that a delegate may be held to a certain boundary; removing it asks about the old one.


def _new_user_boundary(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return _with_boundary(user_conditions(ctx, request), request["PermissionsBoundary"])


def _new_role_boundary(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return _with_boundary(role_conditions(ctx, request), request["PermissionsBoundary"])


def _attachable_boundary(ctx: Context, arn: str) -> ManagedPolicy:
    """As `boundary_policy`; PolicyNotAttachable for policies of service-linked roles, which creations have no such error for."""
    found = ctx.store.managed_policies.with_arn(arn)
    if found is not None and found.is_service_role_policy:
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    return boundary_policy(ctx, arn)


def _about_user(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    return [(USER, request["UserName"])]


def _about_role(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    return [(ROLE, request["RoleName"])]


@iam.operation(
    "PutUserPermissionsBoundary", access=Access.PERMISSIONS, resource=user_arn, conditions=_new_user_boundary, event_resources=_about_user
)
def put_user_permissions_boundary(ctx: Context, request: shapes.PutUserPermissionsBoundaryRequest) -> None:
    """Bound a user by a policy of AWS or of the account. Raises NoSuchEntity, PolicyNotAttachable, ValidationError."""
    user = user_named(ctx, request["UserName"])
    policy = _attachable_boundary(ctx, request["PermissionsBoundary"])
    ctx.store.users.replace(replace(user, boundary=str(policy.arn)))


@iam.operation(
    "PutRolePermissionsBoundary", access=Access.PERMISSIONS, resource=role_arn, conditions=_new_role_boundary, event_resources=_about_role
)
def put_role_permissions_boundary(ctx: Context, request: shapes.PutRolePermissionsBoundaryRequest) -> None:
    """Bound a role by a policy of AWS or of the account. Raises NoSuchEntity, PolicyNotAttachable, ValidationError, UnmodifiableEntity."""
    role = modifiable_role(ctx, request["RoleName"])
    policy = _attachable_boundary(ctx, request["PermissionsBoundary"])
    ctx.store.roles.replace(replace(role, boundary=str(policy.arn)))


@iam.operation(
    "DeleteUserPermissionsBoundary",
    access=Access.PERMISSIONS,
    resource=user_arn,
    conditions=bounded_user_conditions,
    event_resources=_about_user,
)
def delete_user_permissions_boundary(ctx: Context, request: shapes.DeleteUserPermissionsBoundaryRequest) -> None:
    """Take a user's boundary away, if it has one. Raises NoSuchEntity."""
    ctx.store.users.replace(replace(user_named(ctx, request["UserName"]), boundary=None))


@iam.operation(
    "DeleteRolePermissionsBoundary",
    access=Access.PERMISSIONS,
    resource=role_arn,
    conditions=bounded_role_conditions,
    event_resources=_about_role,
)
def delete_role_permissions_boundary(ctx: Context, request: shapes.DeleteRolePermissionsBoundaryRequest) -> None:
    """Take a role's boundary away, if it has one. Raises NoSuchEntity, UnmodifiableEntity."""
    ctx.store.roles.replace(replace(modifiable_role(ctx, request["RoleName"]), boundary=None))
