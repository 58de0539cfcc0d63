"""Inline policies: those that stand in a user, a group or a role and go with it. Names are unique in their holder and keep their case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia import policy
from akia.aws.errors import LimitExceeded, NoSuchEntity
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam
from akia.services.iam.boundaries import bounded_role_conditions, bounded_user_conditions
from akia.services.iam.identities import GROUPS, ROLES, USERS
from akia.services.iam.policy_documents import check_inline
from akia.services.iam.policy_holders import Holder, about
from akia.services.iam.protected_roles import modifiable_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Context
    from akia.services.iam.pages import End
    from akia.wire.shapes import iam as shapes


@iam.operation("PutUserPolicy", access=Access.PERMISSIONS, resource=USERS.arn, conditions=bounded_user_conditions, event_resources=about)
def put_user_policy(ctx: Context, request: shapes.PutUserPolicyRequest) -> None:
    """Make or replace. Raises NoSuchEntity, MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-15)."""
    _put(ctx, USERS.meant(ctx, request), request, ctx.authority.quotas.user_inline_length)


@iam.operation("PutGroupPolicy", access=Access.PERMISSIONS, resource=GROUPS.arn, event_resources=about)
def put_group_policy(ctx: Context, request: shapes.PutGroupPolicyRequest) -> None:
    """Make or replace. Raises NoSuchEntity, MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-15)."""
    _put(ctx, GROUPS.meant(ctx, request), request, ctx.authority.quotas.group_inline_length)


@iam.operation("PutRolePolicy", access=Access.PERMISSIONS, resource=ROLES.arn, conditions=bounded_role_conditions, event_resources=about)
def put_role_policy(ctx: Context, request: shapes.PutRolePolicyRequest) -> None:
    """Make or replace. Raises NoSuchEntity, MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-15), UnmodifiableEntity (P1.2-6)."""
    _put(ctx, modifiable_role(ctx, request["RoleName"]), request, ctx.authority.quotas.role_inline_length)


@iam.operation("GetUserPolicy", access=Access.READ, resource=USERS.arn, conditions=USERS.conditions, event_resources=about)
def get_user_policy(ctx: Context, request: shapes.GetUserPolicyRequest) -> shapes.GetUserPolicyResponse:
    """The text exactly as it was given. Raises NoSuchEntity."""
    user, name = USERS.meant(ctx, request), request["PolicyName"]
    return {"UserName": user.name, "PolicyName": name, "PolicyDocument": _document(ctx, user, name)}


@iam.operation("GetGroupPolicy", access=Access.READ, resource=GROUPS.arn, event_resources=about)
def get_group_policy(ctx: Context, request: shapes.GetGroupPolicyRequest) -> shapes.GetGroupPolicyResponse:
    """The text exactly as it was given. Raises NoSuchEntity."""
    group, name = GROUPS.meant(ctx, request), request["PolicyName"]
    return {"GroupName": group.name, "PolicyName": name, "PolicyDocument": _document(ctx, group, name)}


@iam.operation("GetRolePolicy", access=Access.READ, resource=ROLES.arn, conditions=ROLES.conditions, event_resources=about)
def get_role_policy(ctx: Context, request: shapes.GetRolePolicyRequest) -> shapes.GetRolePolicyResponse:
    """The text exactly as it was given. Raises NoSuchEntity."""
    role, name = ROLES.meant(ctx, request), request["PolicyName"]
    return {"RoleName": role.name, "PolicyName": name, "PolicyDocument": _document(ctx, role, name)}


@iam.operation("DeleteUserPolicy", access=Access.PERMISSIONS, resource=USERS.arn, conditions=bounded_user_conditions, event_resources=about)
def delete_user_policy(ctx: Context, request: shapes.DeleteUserPolicyRequest) -> None:
    """Raises NoSuchEntity."""
    _delete(ctx, USERS.meant(ctx, request), request["PolicyName"])


@iam.operation("DeleteGroupPolicy", access=Access.PERMISSIONS, resource=GROUPS.arn, event_resources=about)
def delete_group_policy(ctx: Context, request: shapes.DeleteGroupPolicyRequest) -> None:
    """Raises NoSuchEntity."""
    _delete(ctx, GROUPS.meant(ctx, request), request["PolicyName"])


@iam.operation("DeleteRolePolicy", access=Access.PERMISSIONS, resource=ROLES.arn, conditions=bounded_role_conditions, event_resources=about)
def delete_role_policy(ctx: Context, request: shapes.DeleteRolePolicyRequest) -> None:
    """Raises NoSuchEntity, UnmodifiableEntity (P1.2-6)."""
    _delete(ctx, modifiable_role(ctx, request["RoleName"]), request["PolicyName"])


@iam.operation("ListUserPolicies", access=Access.LIST, resource=USERS.arn, conditions=USERS.conditions, event_resources=about)
def list_user_policies(ctx: Context, request: shapes.ListUserPoliciesRequest) -> shapes.ListUserPoliciesResponse:
    """The names of a user's inline policies. Raises NoSuchEntity, ValidationError (marker)."""
    names, end = _names(ctx, USERS.meant(ctx, request), request)
    return {"PolicyNames": names, **end}


@iam.operation("ListGroupPolicies", access=Access.LIST, resource=GROUPS.arn, event_resources=about)
def list_group_policies(ctx: Context, request: shapes.ListGroupPoliciesRequest) -> shapes.ListGroupPoliciesResponse:
    """The names of a group's inline policies. Raises NoSuchEntity, ValidationError (marker)."""
    names, end = _names(ctx, GROUPS.meant(ctx, request), request)
    return {"PolicyNames": names, **end}


@iam.operation("ListRolePolicies", access=Access.LIST, resource=ROLES.arn, conditions=ROLES.conditions, event_resources=about)
def list_role_policies(ctx: Context, request: shapes.ListRolePoliciesRequest) -> shapes.ListRolePoliciesResponse:
    """The names of a role's inline policies. Raises NoSuchEntity, ValidationError (marker)."""
    names, end = _names(ctx, ROLES.meant(ctx, request), request)
    return {"PolicyNames": names, **end}


def _put(ctx: Context, holder: Holder, request: Mapping[str, Any], limit: int) -> None:
    """`limit` holds for all inline policies of the holder together, white space not counted (P5.4-15)."""
    policies, name, document = ctx.store.inline_policies, request["PolicyName"], request["PolicyDocument"]
    if policies.total_length(holder.id, name) + policy.counted_size(document) > limit:
        raise LimitExceeded(f"Maximum policy size of {limit} bytes exceeded for {_kind(holder)} {holder.name}")
    check_inline(document)
    policies.put(holder.id, name, document, ctx.now)


def _document(ctx: Context, holder: Holder, name: str) -> str:
    document = ctx.store.inline_policies.get(holder.id, name)
    if document is None:
        raise _absent(holder, name)
    return document


def _delete(ctx: Context, holder: Holder, name: str) -> None:
    if not ctx.store.inline_policies.delete(holder.id, name):
        raise _absent(holder, name)


def _names(ctx: Context, holder: Holder, request: Mapping[str, Any]) -> tuple[list[str], End]:
    window = pages.window(request, f"inline of {holder.id}")
    shown, end = window.cut(ctx.store.inline_policies.names(holder.id, window.after, window.reach), lambda name: name)
    return list(shown), end


def _absent(holder: Holder, name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {_kind(holder)} policy with name {name} cannot be found.")


def _kind(holder: Holder) -> str:
    return type(holder).__name__.lower()
