"""Those whom policies stand on: users, groups and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from akia.aws.errors import DeleteConflict
from akia.identity.group import Group
from akia.identity.role import Role
from akia.identity.user import User
from akia.services.iam._iam import GROUP, POLICY, ROLE, USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Context

Holder: TypeAlias = User | Group | Role


def about(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The event's resources: the holder and, if the request names a managed one, the policy."""
    for kind, member in ((USER, "UserName"), (GROUP, "GroupName"), (ROLE, "RoleName"), (POLICY, "PolicyArn")):
        if member in request:
            yield kind, request[member]


def require_no_policies(ctx: Context, holder: Holder) -> None:
    """Raises DeleteConflict while the holder has policies, managed or inline (P5.3-5)."""
    if ctx.store.attachments.count_of(holder.id):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if ctx.store.inline_policies.any(holder.id):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
