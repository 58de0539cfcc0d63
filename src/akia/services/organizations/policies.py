"""Control policies: their making, their look-up, their change, their end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia import policy as engine
from akia.aws import errors
from akia.aws.organization_errors import ConstraintViolation, DuplicatePolicy, InvalidInput, MalformedPolicyDocument, PolicyInUse
from akia.identity.control_policy import FULL_ACCESS, SCP, ControlPolicy
from akia.operation import Access
from akia.services.organizations import entities, pages, tags
from akia.services.organizations._organizations import Reach, about, named, new_id, operation, tagging
from akia.services.organizations.roots import require_available
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

_ONE = named("PolicyId")
_ABOUT = about("Policy", "PolicyId")
ID_LENGTH = 10
"""The model allows eight characters in a policy's id, but ten at least in its ARN."""


def summary(policy: ControlPolicy) -> shapes.PolicySummary:
    """A policy without its content."""
    return {
        "Id": policy.id,
        "Arn": str(policy.arn),
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": policy.is_aws,
    }


def _shown(policy: ControlPolicy) -> shapes.Policy:
    return {"PolicySummary": summary(policy), "Content": policy.content}


def own_policy(ctx: Context, organization: Organization, policy_id: str) -> ControlPolicy:
    """The policy, to be changed. Raises PolicyNotFound; InvalidInput for those of AWS (P1.2-6)."""
    policy = entities.policy(ctx, organization, policy_id)
    if policy.is_aws:
        raise InvalidInput("IMMUTABLE_POLICY", "You can't modify a policy that is managed by AWS.")
    return policy


def _check(ctx: Context, content: str, kind: str) -> None:
    """White space counts (P1.6-4). Raises MalformedPolicyDocument (P1.6-2, P1.6-3), ConstraintViolation."""
    if len(content) > ctx.authority.quotas.control_policy_length:
        raise ConstraintViolation("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the allowed size of a policy document.")
    try:
        engine.parse(content, engine.Kind.SCP if kind == SCP else engine.Kind.RCP)
    except errors.MalformedPolicyDocument as problem:
        raise MalformedPolicyDocument(detail=problem.message) from None


@operation("CreatePolicy", access=Access.WRITE, reach=Reach.POLICY, also=tagging("policy", "*/p-*"))
def create_policy(ctx: Context, organization: Organization, request: shapes.CreatePolicyRequest) -> shapes.CreatePolicyResponse:
    """Raises DuplicatePolicy, MalformedPolicyDocument, ConstraintViolation, PolicyTypeNotAvailableForOrganization, InvalidInput (tags)."""
    kind, name, content = request["Type"], request["Name"], request["Content"]
    require_available(organization, kind)
    _check(ctx, content, kind)
    given = tags.given(ctx, request.get("Tags", []))
    if ctx.store.control_policies.count(organization.id, kind) >= ctx.authority.quotas.control_policies_per_organization:
        raise ConstraintViolation("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of policies.")
    _require_free(kind, name)
    management = organization.management_account
    made = ControlPolicy(new_id("p-", ID_LENGTH), organization.id, management, kind, name, request["Description"], content)
    try:
        ctx.store.control_policies.add(made)
    except NameTaken:
        raise DuplicatePolicy from None
    ctx.store.organization_tags.put(made.id, organization.id, given)
    return {"Policy": _shown(made)}


def _require_free(kind: str, name: str) -> None:
    if name == FULL_ACCESS[kind].name:
        raise DuplicatePolicy


@operation("UpdatePolicy", access=Access.WRITE, reach=Reach.POLICY, resource=_ONE, about=_ABOUT)
def update_policy(ctx: Context, organization: Organization, request: shapes.UpdatePolicyRequest) -> shapes.UpdatePolicyResponse:
    """In force at once wherever it is attached. Raises PolicyNotFound, DuplicatePolicy, MalformedPolicyDocument, ConstraintViolation,
    InvalidInput."""
    policy = own_policy(ctx, organization, request["PolicyId"])
    changed = replace(
        policy,
        name=request.get("Name", policy.name),
        description=request.get("Description", policy.description),
        content=request.get("Content", policy.content),
    )
    _check(ctx, changed.content, changed.type)
    _require_free(changed.type, changed.name)
    try:
        ctx.store.control_policies.replace(changed)
    except NameTaken:
        raise DuplicatePolicy from None
    return {"Policy": _shown(changed)}


@operation("DescribePolicy", access=Access.READ, reach=Reach.DELEGATES, resource=_ONE, about=_ABOUT)
def describe_policy(ctx: Context, organization: Organization, request: shapes.DescribePolicyRequest) -> shapes.DescribePolicyResponse:
    """Raises PolicyNotFound."""
    return {"Policy": _shown(entities.policy(ctx, organization, request["PolicyId"]))}


@operation("DeletePolicy", access=Access.WRITE, reach=Reach.POLICY, resource=_ONE, about=_ABOUT)
def delete_policy(ctx: Context, organization: Organization, request: shapes.DeletePolicyRequest) -> None:
    """Raises PolicyNotFound, PolicyInUse while it is attached, InvalidInput."""
    policy = own_policy(ctx, organization, request["PolicyId"])
    if ctx.store.control_policy_targets.of_policy(policy.id, organization.id, limit=1):
        raise PolicyInUse
    ctx.store.organization_tags.delete(policy.id)
    ctx.store.control_policies.delete(policy.id)


@operation("ListPolicies", access=Access.LIST, reach=Reach.DELEGATES)
def list_policies(ctx: Context, organization: Organization, request: shapes.ListPoliciesRequest) -> shapes.ListPoliciesResponse:
    """Those of one type, AWS's among them, by id. Raises InvalidInput (token)."""
    kind = request["Filter"]

    def fetch(after: str, limit: int) -> list[ControlPolicy]:
        aws = [FULL_ACCESS[kind]] if kind in FULL_ACCESS and FULL_ACCESS[kind].id > after else []
        found = [*aws, *ctx.store.control_policies.page(organization.id, kind, after, limit)]
        return sorted(found, key=lambda policy: policy.id)[:limit]

    policies, end = pages.page(request, f"policies {kind}", fetch, lambda policy: policy.id)
    return {"Policies": [summary(policy) for policy in policies], **end}
