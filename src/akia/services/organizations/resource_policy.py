"""The organization's resource policy, by which member accounts may administer parts of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia import policy as engine
from akia.authority.principal_names import arn_of, id_of
from akia.aws import errors
from akia.aws.organization_errors import ConstraintViolation, InvalidInput, ResourcePolicyNotFound
from akia.identity.delegation import DelegationPolicy
from akia.operation import Access
from akia.services.organizations import tags
from akia.services.organizations._organizations import Reach, found_organization, new_id, operation, tagging

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

_DELEGABLE = frozenset(
    {
        "attachpolicy", "createpolicy", "deletepolicy", "describeaccount", "describecreateaccountstatus", "describeeffectivepolicy",
        "describehandshake", "describeorganization", "describeorganizationalunit", "describepolicy", "describeresourcepolicy",
        "detachpolicy", "disablepolicytype", "enablepolicytype", "listaccounts", "listaccountsforparent",
        "listawsserviceaccessfororganization", "listchildren", "listcreateaccountstatus", "listdelegatedadministrators",
        "listdelegatedservicesforaccount", "listhandshakesforaccount", "listhandshakesfororganization",
        "listorganizationalunitsforparent", "listparents", "listpolicies", "listpoliciesfortarget", "listroots", "listtagsforresource",
        "listtargetsforpolicy", "tagresource", "untagresource", "updatepolicy",
    }
)  # fmt: skip
"""What may be delegated: looking, and everything about policies. Never accounts, units or the organization."""


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the policy, also of one that is yet to be made."""
    organization = found_organization(ctx)
    if organization is None:
        return f"arn:aws:organizations::{ctx.account}:resourcepolicy/o-*/rp-*"
    found = ctx.store.delegation_policies.get(organization.id)
    return organization.arn("resourcepolicy", found.id if found is not None else "rp-*")


@operation("PutResourcePolicy", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_arn, also=tagging("resourcepolicy", "rp-*"))
def put(ctx: Context, organization: Organization, request: shapes.PutResourcePolicyRequest) -> shapes.PutResourcePolicyResponse:
    """In place of the one that is there. Raises InvalidInput, ConstraintViolation (tags only when it is made)."""
    content = _kept(ctx, request["Content"])
    given = tags.given(ctx, request.get("Tags", []))
    found = ctx.store.delegation_policies.get(organization.id)
    if found is None:
        found = DelegationPolicy(organization.id, new_id("rp-", 8), content)
        ctx.store.delegation_policies.add(found)
        ctx.store.organization_tags.put(found.id, organization.id, given)
    elif given:
        raise ConstraintViolation("TAG_POLICY_VIOLATION", "Tags can be given only when the resource policy is made; use TagResource.")
    else:
        found = replace(found, content=content)
        ctx.store.delegation_policies.replace(found)
    return {"ResourcePolicy": _shown(ctx, organization, found)}


@operation("DescribeResourcePolicy", access=Access.READ, reach=Reach.DELEGATES)
def describe(ctx: Context, organization: Organization, request: object) -> shapes.DescribeResourcePolicyResponse:
    """Raises ResourcePolicyNotFound."""
    found = ctx.store.delegation_policies.get(organization.id)
    if found is None:
        raise ResourcePolicyNotFound
    return {"ResourcePolicy": _shown(ctx, organization, found)}


@operation("DeleteResourcePolicy", access=Access.WRITE, reach=Reach.MANAGEMENT)
def delete(ctx: Context, organization: Organization, request: object) -> None:
    """Raises ResourcePolicyNotFound."""
    found = ctx.store.delegation_policies.get(organization.id)
    if found is None:
        raise ResourcePolicyNotFound
    ctx.store.organization_tags.delete(found.id)
    ctx.store.delegation_policies.delete(organization.id)


def _shown(ctx: Context, organization: Organization, policy: DelegationPolicy) -> shapes.ResourcePolicy:
    content = engine.principals_to_arns(policy.content, lambda unique_id: arn_of(ctx.store, unique_id))
    return {"ResourcePolicySummary": {"Id": policy.id, "Arn": organization.arn("resourcepolicy", policy.id)}, "Content": content}


def _kept(ctx: Context, content: str) -> str:
    """The document as it is stored: users and roles by unique id (P1.7-5). Raises InvalidInput."""
    try:
        document = engine.parse(content, engine.Kind.RESOURCE)
    except errors.MalformedPolicyDocument as problem:
        raise InvalidInput("INVALID_RESOURCE_POLICY_JSON", problem.message) from None
    for statement in document.statements:
        if statement.resource is None and statement.not_resource is None:
            raise InvalidInput("INVALID_RESOURCE_POLICY_JSON", "Each statement must contain resources.")
        if statement.not_action is not None or not all(_is_delegable(action) for action in statement.action or ()):
            raise InvalidInput("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", "The policy names an action that cannot be delegated.")
    try:
        return engine.principals_to_ids(content, lambda arn: id_of(ctx.store, arn))
    except errors.MalformedPolicyDocument as problem:
        raise InvalidInput("INVALID_PRINCIPAL", problem.message) from None


def _is_delegable(action: str) -> bool:
    """Whether `action` is of those, or a wildcard over reading."""
    prefix, _, name = action.lower().partition(":")
    return prefix == "organizations" and (name in _DELEGABLE or name in {"describe*", "list*"})
