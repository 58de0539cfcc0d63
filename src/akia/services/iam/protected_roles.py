"""Roles that belong to services: nobody changes them through IAM, and nobody makes others among them (P1.2-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import InvalidInput, UnmodifiableEntity
from akia.identity.role import SERVICE_LINKED
from akia.services.iam.identities import role_named

if TYPE_CHECKING:
    from akia.identity.role import Role
    from akia.operation import Context

RESERVED = "/aws-reserved/"
"""The path of roles that Identity Center keeps."""


def modifiable_role(ctx: Context, name: str) -> Role:
    """The role called `name`, to be changed. Raises NoSuchEntity, UnmodifiableEntity."""
    return _unprotected(role_named(ctx, name), RESERVED, SERVICE_LINKED)


def taggable_role(ctx: Context, name: str) -> Role:
    """The role called `name`, to be tagged, which service-linked roles may be. Raises NoSuchEntity, UnmodifiableEntity."""
    return _unprotected(role_named(ctx, name), RESERVED)


def describable_role(ctx: Context, name: str) -> Role:
    """The role called `name`, to be described anew, which service-linked roles may be. Raises NoSuchEntity, UnmodifiableEntity."""
    return _unprotected(role_named(ctx, name), RESERVED)


def check_path(path: str) -> None:
    """Refuse to make a role at a protected `path`. Raises InvalidInput."""
    if path.startswith(SERVICE_LINKED):
        raise InvalidInput(f"Path prefix '{SERVICE_LINKED}' can only be used for AWS Service linked Roles")
    if path.startswith(RESERVED):
        raise InvalidInput(f"Path prefix '{RESERVED}' can only be used for AWS reserved Roles")


def _unprotected(role: Role, *paths: str) -> Role:
    if role.path.startswith(paths):
        raise UnmodifiableEntity(f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS")
    return role
