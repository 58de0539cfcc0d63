"""Tags of roles: TagRole, UntagRole, ListRoleTags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags, role_arn, role_conditions, role_named
from akia.services.iam.protected_roles import taggable_role
from akia.services.iam.trust_policies import about_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**role_conditions(ctx, request), **request_tags(request["Tags"])}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**role_conditions(ctx, request), "aws:tagkeys": list(request["TagKeys"])}


@iam.operation("TagRole", access=Access.TAGGING, resource=role_arn, conditions=_tagging, event_resources=about_role)
def tag_role(ctx: Context, request: shapes.TagRoleRequest) -> None:
    """Set tags; a key that is there already, in whatever case, is replaced. Raises NoSuchEntity, InvalidInput, LimitExceeded (P5.4-12)."""
    role = taggable_role(ctx, request["RoleName"])
    ctx.store.roles.replace(replace(role, tags=tags.merged(role.tags, request["Tags"], ctx.authority.quotas)))


@iam.operation("UntagRole", access=Access.TAGGING, resource=role_arn, conditions=_untagging, event_resources=about_role)
def untag_role(ctx: Context, request: shapes.UntagRoleRequest) -> None:
    """Remove tags; keys that are not there do not matter. Raises NoSuchEntity, UnmodifiableEntity (P1.2-6)."""
    role = taggable_role(ctx, request["RoleName"])
    ctx.store.roles.replace(replace(role, tags=tags.without(role.tags, request["TagKeys"])))


@iam.operation("ListRoleTags", access=Access.LIST, resource=role_arn, conditions=role_conditions, event_resources=about_role)
def list_role_tags(ctx: Context, request: shapes.ListRoleTagsRequest) -> shapes.ListRoleTagsResponse:
    """In the order of keys. Raises NoSuchEntity, ValidationError (marker)."""
    role = role_named(ctx, request["RoleName"])
    shown, end = pages.window(request, f"tags of {role.id}").slice(tags.to_wire(role.tags))
    return {"Tags": list(shown), **end}
