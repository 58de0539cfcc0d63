"""Who uses a managed policy: ListEntitiesForPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from akia.aws.errors import ValidationError
from akia.identity.group import Group
from akia.identity.role import Role
from akia.identity.user import User
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam
from akia.services.iam.policy_references import about_policy, policy_arn, policy_conditions, policy_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akia.identity.managed_policy import ManagedPolicy
    from akia.operation import Context
    from akia.wire.shapes import iam as shapes

Entity: TypeAlias = Group | Role | User

KINDS = ("Group", "Role", "User")
"""In the order in which the pages run."""


@iam.operation("ListEntitiesForPolicy", access=Access.LIST, resource=policy_arn, conditions=policy_conditions, event_resources=about_policy)
def list_entities_for_policy(ctx: Context, request: shapes.ListEntitiesForPolicyRequest) -> shapes.ListEntitiesForPolicyResponse:
    """The groups, roles and users that the policy is attached to or bounds. Raises NoSuchEntity."""
    policy = policy_named(ctx, request)
    window = pages.window(request, f"users of {policy.id}")
    found: list[Entity] = []
    for kind, after in _sections(window.after):
        if request.get("EntityFilter") in (None, kind) and len(found) < window.reach:
            found += _users_of(ctx, policy, kind, request, after, window.reach - len(found))
    shown, end = window.cut(found, lambda entity: f"{type(entity).__name__}/{entity.name}")
    return {
        "PolicyGroups": [{"GroupName": one.name, "GroupId": one.id} for one in shown if isinstance(one, Group)],
        "PolicyUsers": [{"UserName": one.name, "UserId": one.id} for one in shown if isinstance(one, User)],
        "PolicyRoles": [{"RoleName": one.name, "RoleId": one.id} for one in shown if isinstance(one, Role)],
        **end,
    }


def _sections(after: str | None) -> Iterator[tuple[str, str | None]]:
    """The kinds still to come after `Kind/name`, each with the name to go on from. Raises ValidationError for a kind that there is not."""
    kind, _, name = (after or "").partition("/")
    if after is not None and kind not in KINDS:
        raise ValidationError("Invalid Marker.")
    for other in KINDS:
        if other >= kind:
            yield other, name if other == kind else None


def _users_of(
    ctx: Context, policy: ManagedPolicy, kind: str, request: shapes.ListEntitiesForPolicyRequest, after: str | None, limit: int
) -> Sequence[Entity]:
    """The entities of one kind, each once, by name. What is not filtered out by `PolicyUsageFilter` comes from two lists."""
    usage, path = request.get("PolicyUsageFilter"), request.get("PathPrefix", "/")
    found: list[Entity] = []
    if usage != "PermissionsBoundary":
        found += _attached(ctx, policy, kind, path, after, limit)
    if usage != "PermissionsPolicy":
        found += _bounded(ctx, policy, kind, path, after, limit)
    once = {entity.id: entity for entity in found}.values()
    return sorted(once, key=lambda entity: entity.name.lower())[:limit]


def _attached(ctx: Context, policy: ManagedPolicy, kind: str, path: str, after: str | None, limit: int) -> Sequence[Entity]:
    attachments = ctx.store.attachments
    if kind == "Group":
        return attachments.groups_of(policy.id, ctx.account, path, after, limit)
    if kind == "Role":
        return attachments.roles_of(policy.id, ctx.account, path, after, limit)
    return attachments.users_of(policy.id, ctx.account, path, after, limit)


def _bounded(ctx: Context, policy: ManagedPolicy, kind: str, path: str, after: str | None, limit: int) -> Sequence[Entity]:
    attachments, arn = ctx.store.attachments, str(policy.arn)
    if kind == "Role":
        return attachments.bounded_roles(arn, ctx.account, path, after, limit)
    if kind == "User":
        return attachments.bounded_users(arn, ctx.account, path, after, limit)
    return ()
