"""Managed policies by their ARN: which one a request means, whether it may be used or changed, and where a page of them begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.aws.errors import AccessDenied, InvalidInput, NoSuchEntity, PolicyNotAttachable, ValidationError
from akia.identity.managed_policy import AWS
from akia.services.iam._iam import POLICY, iam_arn, resource_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akia.identity.managed_policy import ManagedPolicy
    from akia.operation import Conditions, Context
    from akia.services.iam.pages import End, Window

LONGEST_ARN_IN_A_MARKER = 200
"""A marker holds 320 characters of base64 (W6.8), an ARN with a long path more than fit."""


def policy_named(ctx: Context, request: Mapping[str, Any]) -> ManagedPolicy:
    """The policy `PolicyArn`, of the caller's account or of AWS. Raises NoSuchEntity (P5.3-1); ValidationError, InvalidInput (P5.3-3)."""
    arn = request["PolicyArn"]
    policy = _within_reach(ctx, arn)
    if policy is None:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return policy


def own_policy(ctx: Context, request: Mapping[str, Any], action: str) -> ManagedPolicy:
    """As `policy_named`, for changing it. Raises AccessDenied for policies of AWS, whatever the caller's policies say (P1.2-6)."""
    policy = policy_named(ctx, request)
    if policy.account == AWS:
        sentence = f"User: {ctx.caller.principal.arn} is not authorized to perform: {action} on resource: {policy.arn}"
        raise AccessDenied(sentence, detail="AWS managed policies cannot be modified")
    return policy


def attachable_policy(ctx: Context, arn: str) -> ManagedPolicy:
    """The policy `arn`, to be attached. Raises NoSuchEntity, ValidationError, InvalidInput; PolicyNotAttachable for service-linked ones."""
    policy = _within_reach(ctx, arn)
    if policy is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    if policy.is_service_role_policy:
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    return policy


def _within_reach(ctx: Context, arn: str) -> ManagedPolicy | None:
    """The policy `arn` if the caller's account may use it: its own and AWS's, never another account's (NT-42)."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise ValidationError("Invalid ARN:  Could not be parsed!") from None
    if parsed.service != "iam" or not parsed.resource.startswith("policy/"):
        raise InvalidInput(f"ARN {arn} is not valid.")
    policy = ctx.store.managed_policies.with_arn(arn)
    return policy if policy and policy.account in (AWS, ctx.account) else None


# For authorization and events. These never raise.


def policy_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the managed policy, which is what the request names it by."""
    return str(request["PolicyArn"])


def policy_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the policy `PolicyArn`; none if there is no such policy here."""
    policy = ctx.store.managed_policies.with_arn(request["PolicyArn"])
    return resource_tags(policy.tags) if policy and policy.account == ctx.account else {}


def policy_collection(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the account's policies under `PathPrefix` (P2.2-6)."""
    return iam_arn(ctx, f"policy{request.get('PathPrefix', '/')}")


def about_policy(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    """The event's resource: the policy that the request names."""
    return [(POLICY, request["PolicyArn"])]


# Pages of policies go by ARN.


def first_after(ctx: Context, window: Window) -> str | None:
    """The ARN after which the page begins, from the `bookmark` in its marker.

    Raises ValidationError if the ARN was too long for the marker, and its policy is gone.
    """
    if window.after is None or window.after.startswith("arn:"):
        return window.after
    policy = ctx.store.managed_policies.with_id(window.after)
    if policy is None:
        raise ValidationError("Invalid Marker.")
    return str(policy.arn)


def cut(window: Window, found: Sequence[ManagedPolicy]) -> tuple[Sequence[ManagedPolicy], End]:
    """The policies of the page, and how it ends (see `pages`)."""
    return window.cut(found, bookmark)


def bookmark(policy: ManagedPolicy) -> str:
    """What a marker holds to go on after `policy` (see `first_after`)."""
    arn = str(policy.arn)
    return arn if len(arn) <= LONGEST_ARN_IN_A_MARKER else policy.id
