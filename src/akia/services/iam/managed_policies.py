"""Managed policies: their making, their look-up, their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import DeleteConflict, EntityAlreadyExists
from akia.aws.ids import Prefix
from akia.identity.managed_policy import AWS, ManagedPolicy
from akia.operation import Access
from akia.services.iam import pages, tags
from akia.services.iam._iam import POLICY, iam, iam_arn, require_room, utc, with_fresh_id
from akia.services.iam.policy_documents import check_managed
from akia.services.iam.policy_references import (
    about_policy,
    cut,
    first_after,
    own_policy,
    policy_arn,
    policy_collection,
    policy_conditions,
    policy_named,
)
from akia.services.iam.tagging import given_tags, tagging_too
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akia.operation import Context
    from akia.wire.shapes import iam as shapes

FIRST_VERSION = "v1"


def _new_policy_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"policy{request.get('Path', '/')}{request['PolicyName']}")


def _about_new_policy(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    return [(POLICY, result["Policy"]["Arn"] if result else request["PolicyName"])]


@iam.operation(
    "CreatePolicy",
    access=Access.PERMISSIONS,
    resource=_new_policy_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagPolicy", _new_policy_arn),
    event_resources=_about_new_policy,
)
def create_policy(ctx: Context, request: shapes.CreatePolicyRequest) -> shapes.CreatePolicyResponse:
    """A new policy with version v1 in force. Its description is not told before GetPolicy.

    Raises MalformedPolicyDocument, EntityAlreadyExists, LimitExceeded, InvalidInput.
    """
    document, quotas, policies = request["PolicyDocument"], ctx.authority.quotas, ctx.store.managed_policies
    check_managed(document, quotas)
    given = tags.given(request.get("Tags"), quotas, tags.exactly)
    require_room("PoliciesPerAccount", policies.count(ctx.account), quotas.policies_per_account)
    try:
        policy = with_fresh_id(ctx, Prefix.MANAGED_POLICY, _maker(ctx, request, given), lambda made: policies.add(made, document))
    except NameTaken:
        raise EntityAlreadyExists(f"A policy called {request['PolicyName']} already exists. Duplicate names are not allowed.") from None
    return {"Policy": {**listed(ctx, policy), **({"Tags": tags.to_wire(given)} if given else {})}}


def _maker(ctx: Context, request: shapes.CreatePolicyRequest, given: Mapping[str, str]) -> Callable[[str], ManagedPolicy]:
    """The new policy, but for its id."""
    return lambda fresh: ManagedPolicy(
        account=ctx.account,
        id=fresh,
        name=request["PolicyName"],
        path=request.get("Path", "/"),
        created=ctx.now,
        updated=ctx.now,
        default_version=FIRST_VERSION,
        latest_version=1,
        description=request.get("Description", ""),
        tags=given,
    )


@iam.operation("GetPolicy", access=Access.READ, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy)
def get_policy(ctx: Context, request: shapes.GetPolicyRequest) -> shapes.GetPolicyResponse:
    """The policy without its document. Raises NoSuchEntity."""
    policy = policy_named(ctx, request)
    described: shapes.Policy = {"Description": policy.description} if policy.description else {}
    return {"Policy": {**listed(ctx, policy), "Tags": tags.to_wire(policy.tags), **described}}


@iam.operation("ListPolicies", access=Access.LIST, resource=policy_collection)
def list_policies(ctx: Context, request: shapes.ListPoliciesRequest) -> shapes.ListPoliciesResponse:
    """Policies of the account and of AWS. `PolicyUsageFilter` leaves those in that use; `OnlyAttached` those attached to somebody here."""
    window, usage = pages.window(request, "policies"), request.get("PolicyUsageFilter")
    attached = usage == "PermissionsPolicy" or (usage is None and bool(request.get("OnlyAttached")))
    found = ctx.store.managed_policies.page(
        _owners(ctx, request.get("Scope")),
        request.get("PathPrefix", "/"),
        attached_in=ctx.account if attached else None,
        as_boundary_in=ctx.account if usage == "PermissionsBoundary" else None,
        after=first_after(ctx, window),
        limit=window.reach,
    )
    shown, end = cut(window, found)
    return {"Policies": [listed(ctx, policy) for policy in shown], **end}


@iam.operation("DeletePolicy", access=Access.PERMISSIONS, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy)
def delete_policy(ctx: Context, request: shapes.DeletePolicyRequest) -> None:
    """Delete a policy that nobody uses and that has one version. Raises NoSuchEntity, AccessDenied (P1.2-6), DeleteConflict (P5.3-5)."""
    policy = own_policy(ctx, request, "iam:DeletePolicy")
    attachments = ctx.store.attachments
    if attachments.count(policy.id, ctx.account) or attachments.boundary_count(str(policy.arn), ctx.account):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if ctx.store.managed_policies.version_count(policy.id) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
    ctx.store.managed_policies.delete(policy)


def _owners(ctx: Context, scope: str | None) -> tuple[str, ...]:
    return {"AWS": (AWS,), "Local": (ctx.account,)}.get(scope or "All", (AWS, ctx.account))


def listed(ctx: Context, policy: ManagedPolicy) -> shapes.Policy:
    """What lists show: neither description nor tags, which only GetPolicy tells."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": str(policy.arn),
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": ctx.store.attachments.count(policy.id, ctx.account),
        "PermissionsBoundaryUsageCount": ctx.store.attachments.boundary_count(str(policy.arn), ctx.account),
        "IsAttachable": True,
        "CreateDate": utc(policy.created),
        "UpdateDate": utc(policy.updated),
    }
