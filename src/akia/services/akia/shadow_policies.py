"""Shadow policies: what a policy would change is seen before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import ValidationError
from akia.aws.ids import new_guid
from akia.identity.shadow_policy import ShadowPolicy
from akia.operation import Access
from akia.services.akia._akia import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    akia,
    checked_draft,
    cut,
    limit_of,
    managed_policy_arn,
    position_of,
    reference_of,
    replaced_policy,
    target_arn,
    target_of,
    target_with_id,
    utc,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Context
    from akia.services.akia._akia import Target
    from akia.wire.shapes import akia as shapes

_TYPES = {"user": "AWS::IAM::User", "group": "AWS::IAM::Group", "role": "AWS::IAM::Role"}


def _about(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The event's resource: the target."""
    kind, _, path = request["TargetArn"].rpartition(":")[2].partition("/")
    if kind in _TYPES:
        yield _TYPES[kind], path.rpartition("/")[2]


def _listed_arn(ctx: Context, request: shapes.ListShadowPoliciesRequest) -> str:
    return request.get("TargetArn", "*")


@akia.operation("AttachShadowPolicy", access=Access.PERMISSIONS, resource=target_arn, event_resources=_about)
def attach_shadow_policy(ctx: Context, request: shapes.AttachShadowPolicyRequest) -> shapes.AttachShadowPolicyResponse:
    """It is tried from the next request on, and never changes an answer.

    Raises ResourceNotFoundException, ConflictException (the name), ServiceQuotaExceededException, MalformedPolicyDocument, ValidationError.
    """
    target, most = target_of(ctx, request["TargetArn"]), ctx.authority.quotas.shadow_policies_per_target
    arn, document = _tried(ctx, request)
    if ctx.store.shadow_policies.named(target.id, request["Name"]) is not None:
        raise ConflictException(f"There is a shadow policy {request['Name']} on {target.arn} already.")
    if ctx.store.shadow_policies.count(target.id) >= most:
        raise ServiceQuotaExceededException(f"There are {most} shadow policies on {target.arn} already.")
    replaces = replaced_policy(ctx, request.get("Replaces"), target)
    shadow = ShadowPolicy(new_guid(), ctx.account, target.id, request["Name"], ctx.now, arn, document, replaces)
    ctx.store.shadow_policies.add(shadow)
    return {"ShadowPolicy": shown(shadow, target, in_full=True)}


@akia.operation("DetachShadowPolicy", access=Access.PERMISSIONS, resource=target_arn, event_resources=_about)
def detach_shadow_policy(ctx: Context, request: shapes.DetachShadowPolicyRequest) -> None:
    """Its findings go with it; the events that they are of remain. Raises ResourceNotFoundException."""
    ctx.store.shadow_policies.delete(shadow_named(ctx, target_of(ctx, request["TargetArn"]), request["Name"]).id)


@akia.operation("ListShadowPolicies", access=Access.LIST, resource=_listed_arn)
def list_shadow_policies(ctx: Context, request: shapes.ListShadowPoliciesRequest) -> shapes.ListShadowPoliciesResponse:
    """Of the account, the oldest first, or of one target, by name; without their documents. Raises ResourceNotFoundException."""
    if "TargetArn" in request:
        target = target_of(ctx, request["TargetArn"])
        return {"ShadowPolicies": [shown(shadow, target) for shadow in ctx.store.shadow_policies.of(target.id)]}
    found = ctx.store.shadow_policies.page(ctx.account, position_of(ctx, "shadow policies", request), limit_of(request) + 1)
    page, more = cut(ctx, "shadow policies", request, found, lambda shadow: shadow.id)
    shadows = [shown(shadow, target_with_id(ctx, shadow.target)) for shadow in page]
    return cast("shapes.ListShadowPoliciesResponse", {"ShadowPolicies": shadows, **more})


def shadow_named(ctx: Context, target: Target, name: str) -> ShadowPolicy:
    """The shadow policy `name` on `target`. Raises ResourceNotFoundException."""
    shadow = ctx.store.shadow_policies.named(target.id, name)
    if shadow is None:
        raise ResourceNotFoundException(f"There is no shadow policy {name} on {target.arn}.")
    return shadow


def shown(shadow: ShadowPolicy, target: Target, *, in_full: bool = False) -> shapes.ShadowPolicy:
    """A shadow policy as it is told; `in_full`: with its document, if it has one of its own."""
    told: shapes.ShadowPolicy = {"TargetArn": str(target.arn), "Name": shadow.name, "CreateDate": utc(shadow.created * 1000)}
    if shadow.policy:
        told["PolicyArn"] = shadow.policy
    elif in_full:
        told["PolicyDocument"] = shadow.document
    return cast("shapes.ShadowPolicy", {**told, **reference_of(shadow.replaces)})


def _tried(ctx: Context, request: shapes.AttachShadowPolicyRequest) -> tuple[str, str]:
    """The ARN of the managed policy that is to be tried, or the document. Raises what AttachShadowPolicy raises."""
    match request.get("PolicyArn"), request.get("PolicyDocument"):
        case str(arn), None:
            return managed_policy_arn(ctx, arn), ""
        case None, str(document):
            return "", checked_draft(ctx, document)
    raise ValidationError("Give either PolicyArn or PolicyDocument.")
