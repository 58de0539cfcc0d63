"""What control policies are attached to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.organization_errors import (
    ConstraintViolation,
    DuplicatePolicyAttachment,
    InvalidInput,
    PolicyNotAttached,
    PolicyTypeNotEnabled,
)
from akia.identity.control_policy import FULL_ACCESS, RCP
from akia.operation import Access
from akia.services.organizations import entities, pages
from akia.services.organizations._organizations import Reach, about, arn_of, named, operation
from akia.services.organizations.policies import summary

if TYPE_CHECKING:
    from akia.identity.control_policy import ControlPolicy
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

_BOTH = named("PolicyId", "TargetId")
_ABOUT = about("Policy", "PolicyId")


@operation("AttachPolicy", access=Access.WRITE, reach=Reach.POLICY, resource=_BOTH, about=_ABOUT)
def attach_policy(ctx: Context, organization: Organization, request: shapes.AttachPolicyRequest) -> None:
    """In force at once for everything below the target (P1.6-1).

    Raises PolicyNotFound, TargetNotFound, PolicyTypeNotEnabled, DuplicatePolicyAttachment, ConstraintViolation.
    """
    policy, target = _both(ctx, organization, request)
    attached = ctx.store.control_policy_targets.on_target(target, policy.type)
    if policy.id in attached:
        raise DuplicatePolicyAttachment
    if len(attached) >= ctx.authority.quotas.control_policies_per_target:
        raise ConstraintViolation(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies of this type to the target."
        )
    ctx.store.control_policy_targets.attach(policy.id, target, organization.id, policy.type)


@operation("DetachPolicy", access=Access.WRITE, reach=Reach.POLICY, resource=_BOTH, about=_ABOUT)
def detach_policy(ctx: Context, organization: Organization, request: shapes.DetachPolicyRequest) -> None:
    """The last SCP of a target stays, and so does AWS's RCP (P1.3-2, P1.6-4).

    Raises PolicyNotFound, TargetNotFound, PolicyTypeNotEnabled, PolicyNotAttached, ConstraintViolation, InvalidInput.
    """
    policy, target = _both(ctx, organization, request)
    attached = ctx.store.control_policy_targets.on_target(target, policy.type)
    if policy.id not in attached:
        raise PolicyNotAttached
    if policy == FULL_ACCESS[RCP]:
        raise InvalidInput("NON_DETACHABLE_POLICY", "You can't detach this policy.")
    if len(attached) == 1:
        raise ConstraintViolation(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the specified target."
        )
    ctx.store.control_policy_targets.detach(policy.id, target)


def _both(
    ctx: Context, organization: Organization, request: shapes.AttachPolicyRequest | shapes.DetachPolicyRequest
) -> tuple[ControlPolicy, str]:
    policy, target = entities.policy(ctx, organization, request["PolicyId"]), request["TargetId"]
    entities.require_target(ctx, organization, target)
    if policy.type not in organization.enabled_types:
        raise PolicyTypeNotEnabled
    return policy, target


@operation("ListPoliciesForTarget", access=Access.LIST, reach=Reach.DELEGATES, resource=named("TargetId"))
def list_policies_for_target(
    ctx: Context, organization: Organization, request: shapes.ListPoliciesForTargetRequest
) -> shapes.ListPoliciesForTargetResponse:
    """Those that are attached directly, by id. Raises TargetNotFound, InvalidInput (token)."""
    target, kind = request["TargetId"], request["Filter"]
    entities.require_target(ctx, organization, target)
    found, end = pages.page(
        request,
        f"policies {kind} {target}",
        lambda after, limit: ctx.store.control_policy_targets.on_target(target, kind, after, limit),
        str,
    )
    return {"Policies": [summary(entities.policy(ctx, organization, policy)) for policy in found], **end}


@operation("ListTargetsForPolicy", access=Access.LIST, reach=Reach.DELEGATES, resource=named("PolicyId"))
def list_targets_for_policy(
    ctx: Context, organization: Organization, request: shapes.ListTargetsForPolicyRequest
) -> shapes.ListTargetsForPolicyResponse:
    """By id. Raises PolicyNotFound, InvalidInput (token)."""
    policy = entities.policy(ctx, organization, request["PolicyId"])
    found, end = pages.page(
        request,
        f"targets {policy.id}",
        lambda after, limit: ctx.store.control_policy_targets.of_policy(policy.id, organization.id, after, limit),
        str,
    )
    return {"Targets": [_target(ctx, organization, target) for target in found], **end}


def _target(ctx: Context, organization: Organization, target: str) -> shapes.PolicyTargetSummary:
    kind = entities.kind_of(target)
    if kind == entities.ROOT:
        name = "Root"
    elif kind == entities.UNIT:
        name = entities.unit(ctx, organization, target).name
    else:
        account = ctx.store.accounts.get(target)
        name = account.name if account is not None else ""
    return {"TargetId": target, "Arn": arn_of(ctx, target), "Name": name, "Type": kind}
