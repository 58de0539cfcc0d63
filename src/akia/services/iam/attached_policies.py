"""Managed policies on users, groups and roles: attaching, detaching, listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import NoSuchEntity
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam, require_room
from akia.services.iam.boundaries import bounded_role_conditions, bounded_user_conditions
from akia.services.iam.identities import GROUPS, ROLES, USERS
from akia.services.iam.policy_holders import Holder, about
from akia.services.iam.policy_references import attachable_policy, cut, first_after, policy_named
from akia.services.iam.protected_roles import modifiable_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Conditions, Context
    from akia.services.iam.pages import End
    from akia.wire.shapes import iam as shapes

# What is asked: the policy in `iam:PolicyARN`, and what is known of its holder (P4.3-25).


def _user_and_policy(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**bounded_user_conditions(ctx, request), "iam:policyarn": request["PolicyArn"]}


def _group_and_policy(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {"iam:policyarn": request["PolicyArn"]}


def _role_and_policy(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**bounded_role_conditions(ctx, request), "iam:policyarn": request["PolicyArn"]}


@iam.operation("AttachUserPolicy", access=Access.PERMISSIONS, resource=USERS.arn, conditions=_user_and_policy, event_resources=about)
def attach_user_policy(ctx: Context, request: shapes.AttachUserPolicyRequest) -> None:
    """Raises NoSuchEntity, PolicyNotAttachable, LimitExceeded (P5.4-3)."""
    user = USERS.meant(ctx, request)
    _attach(ctx, user, request["PolicyArn"], "PoliciesPerUser", ctx.authority.quotas.attached_policies_per_user)


@iam.operation("AttachGroupPolicy", access=Access.PERMISSIONS, resource=GROUPS.arn, conditions=_group_and_policy, event_resources=about)
def attach_group_policy(ctx: Context, request: shapes.AttachGroupPolicyRequest) -> None:
    """Raises NoSuchEntity, PolicyNotAttachable, LimitExceeded (P5.4-3)."""
    group = GROUPS.meant(ctx, request)
    _attach(ctx, group, request["PolicyArn"], "PoliciesPerGroup", ctx.authority.quotas.attached_policies_per_group)


@iam.operation("AttachRolePolicy", access=Access.PERMISSIONS, resource=ROLES.arn, conditions=_role_and_policy, event_resources=about)
def attach_role_policy(ctx: Context, request: shapes.AttachRolePolicyRequest) -> None:
    """Raises NoSuchEntity, PolicyNotAttachable, LimitExceeded (P5.4-3), UnmodifiableEntity (P1.2-6)."""
    role = modifiable_role(ctx, request["RoleName"])
    _attach(ctx, role, request["PolicyArn"], "PoliciesPerRole", ctx.authority.quotas.attached_policies_per_role)


@iam.operation("DetachUserPolicy", access=Access.PERMISSIONS, resource=USERS.arn, conditions=_user_and_policy, event_resources=about)
def detach_user_policy(ctx: Context, request: shapes.DetachUserPolicyRequest) -> None:
    """Raises NoSuchEntity, also for a policy that is not attached."""
    _detach(ctx, USERS.meant(ctx, request), request)


@iam.operation("DetachGroupPolicy", access=Access.PERMISSIONS, resource=GROUPS.arn, conditions=_group_and_policy, event_resources=about)
def detach_group_policy(ctx: Context, request: shapes.DetachGroupPolicyRequest) -> None:
    """Raises NoSuchEntity, also for a policy that is not attached."""
    _detach(ctx, GROUPS.meant(ctx, request), request)


@iam.operation("DetachRolePolicy", access=Access.PERMISSIONS, resource=ROLES.arn, conditions=_role_and_policy, event_resources=about)
def detach_role_policy(ctx: Context, request: shapes.DetachRolePolicyRequest) -> None:
    """Raises NoSuchEntity, also for a policy that is not attached; UnmodifiableEntity (P1.2-6)."""
    _detach(ctx, modifiable_role(ctx, request["RoleName"]), request)


@iam.operation("ListAttachedUserPolicies", access=Access.LIST, resource=USERS.arn, conditions=USERS.conditions, event_resources=about)
def list_attached_user_policies(ctx: Context, request: shapes.ListAttachedUserPoliciesRequest) -> shapes.ListAttachedUserPoliciesResponse:
    """Raises NoSuchEntity, ValidationError (marker)."""
    policies, end = _attached(ctx, USERS.meant(ctx, request), request)
    return {"AttachedPolicies": policies, **end}


@iam.operation("ListAttachedGroupPolicies", access=Access.LIST, resource=GROUPS.arn, event_resources=about)
def list_attached_group_policies(
    ctx: Context, request: shapes.ListAttachedGroupPoliciesRequest
) -> shapes.ListAttachedGroupPoliciesResponse:
    """Raises NoSuchEntity, ValidationError (marker)."""
    policies, end = _attached(ctx, GROUPS.meant(ctx, request), request)
    return {"AttachedPolicies": policies, **end}


@iam.operation("ListAttachedRolePolicies", access=Access.LIST, resource=ROLES.arn, conditions=ROLES.conditions, event_resources=about)
def list_attached_role_policies(ctx: Context, request: shapes.ListAttachedRolePoliciesRequest) -> shapes.ListAttachedRolePoliciesResponse:
    """Raises NoSuchEntity, ValidationError (marker)."""
    policies, end = _attached(ctx, ROLES.meant(ctx, request), request)
    return {"AttachedPolicies": policies, **end}


def _attach(ctx: Context, holder: Holder, arn: str, quota: str, limit: int) -> None:
    """Attaching what is attached already succeeds and changes nothing."""
    policy, attachments = attachable_policy(ctx, arn), ctx.store.attachments
    if attachments.attached(policy.id, holder.id):
        return
    require_room(quota, attachments.count_of(holder.id), limit)
    attachments.attach(policy.id, holder.id, ctx.account)


def _detach(ctx: Context, holder: Holder, request: Mapping[str, Any]) -> None:
    policy = policy_named(ctx, request)
    if not ctx.store.attachments.detach(policy.id, holder.id):
        raise NoSuchEntity(f"Policy {policy.arn} was not found.")


def _attached(ctx: Context, holder: Holder, request: Mapping[str, Any]) -> tuple[list[shapes.AttachedPolicy], End]:
    window = pages.window(request, f"attached to {holder.id}")
    found = ctx.store.attachments.of(holder.id, request.get("PathPrefix", "/"), first_after(ctx, window), window.reach)
    shown, end = cut(window, found)
    return [{"PolicyName": policy.name, "PolicyArn": str(policy.arn)} for policy in shown], end
