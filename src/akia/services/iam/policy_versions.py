"""Versions of managed policies: up to five texts of which one, the default, is in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.aws.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from akia.identity.managed_policy import ManagedPolicy, PolicyVersion
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam, utc
from akia.services.iam.policy_documents import check_managed
from akia.services.iam.policy_references import about_policy, own_policy, policy_arn, policy_conditions, policy_named

if TYPE_CHECKING:
    from akia.operation import Context
    from akia.wire.shapes import iam as shapes


@iam.operation(
    "CreatePolicyVersion", access=Access.PERMISSIONS, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy
)
def create_policy_version(ctx: Context, request: shapes.CreatePolicyVersionRequest) -> shapes.CreatePolicyVersionResponse:
    """A new text, in force at once if `SetAsDefault`. Numbers are never used again.

    Raises NoSuchEntity, AccessDenied (P1.2-6), MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-5, P5.4-14).
    """
    policy = own_policy(ctx, request, "iam:CreatePolicyVersion")
    check_managed(request["PolicyDocument"], ctx.authority.quotas)
    _check_room(ctx, policy)
    number = policy.latest_version + 1
    version = PolicyVersion(policy.id, f"v{number}", request["PolicyDocument"], ctx.now)
    ctx.store.managed_policies.add_version(version)
    default = version.version if request.get("SetAsDefault") else policy.default_version
    policy = replace(policy, latest_version=number, updated=ctx.now, default_version=default)
    ctx.store.managed_policies.replace(policy)
    return {"PolicyVersion": listed(policy, version)}


@iam.operation("GetPolicyVersion", access=Access.READ, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy)
def get_policy_version(ctx: Context, request: shapes.GetPolicyVersionRequest) -> shapes.GetPolicyVersionResponse:
    """One version with its text, exactly as it was given. Raises NoSuchEntity."""
    policy = policy_named(ctx, request)
    version = _version(ctx, policy, request["VersionId"])
    wire = listed(policy, version)
    wire["Document"] = version.document
    return {"PolicyVersion": wire}


@iam.operation("ListPolicyVersions", access=Access.LIST, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy)
def list_policy_versions(ctx: Context, request: shapes.ListPolicyVersionsRequest) -> shapes.ListPolicyVersionsResponse:
    """The versions without their texts, newest first. Raises NoSuchEntity."""
    policy = policy_named(ctx, request)
    window = pages.window(request, f"versions of {policy.id}")
    found = ctx.store.managed_policies.versions(policy.id, window.after, window.reach)
    shown, end = window.cut(found, lambda version: version.version)
    return {"Versions": [listed(policy, version) for version in shown], **end}


@iam.operation(
    "SetDefaultPolicyVersion", access=Access.PERMISSIONS, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy
)
def set_default_policy_version(ctx: Context, request: shapes.SetDefaultPolicyVersionRequest) -> None:
    """Put a version in force for everybody whom the policy is attached to. Raises NoSuchEntity, AccessDenied (P1.2-6)."""
    policy = own_policy(ctx, request, "iam:SetDefaultPolicyVersion")
    version = _version(ctx, policy, request["VersionId"])
    ctx.store.managed_policies.replace(replace(policy, default_version=version.version))


@iam.operation(
    "DeletePolicyVersion", access=Access.PERMISSIONS, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy
)
def delete_policy_version(ctx: Context, request: shapes.DeletePolicyVersionRequest) -> None:
    """Delete a version that is not in force. Raises NoSuchEntity, AccessDenied (P1.2-6), DeleteConflict (P5.3-5)."""
    policy = own_policy(ctx, request, "iam:DeletePolicyVersion")
    version = _version(ctx, policy, request["VersionId"])
    if version.version == policy.default_version:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    ctx.store.managed_policies.delete_version(policy.id, version.version)


def _version(ctx: Context, policy: ManagedPolicy, name: str) -> PolicyVersion:
    version = ctx.store.managed_policies.version(policy.id, name)
    if version is None:
        raise NoSuchEntity(f"Policy {policy.arn} version {name} does not exist or is not attachable.")
    return version


def _check_room(ctx: Context, policy: ManagedPolicy) -> None:
    limit = ctx.authority.quotas.versions_per_policy
    if ctx.store.managed_policies.version_count(policy.id) >= limit:
        raise LimitExceeded(
            f"A managed policy can have up to {limit} versions. Before you create a new version, you must delete an existing version."
        )


def listed(policy: ManagedPolicy, version: PolicyVersion) -> shapes.PolicyVersion:
    return {
        "VersionId": version.version,
        "IsDefaultVersion": version.version == policy.default_version,
        "CreateDate": utc(version.created),
    }
