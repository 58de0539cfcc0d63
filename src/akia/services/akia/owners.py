"""Whose credentials a request means: a user's, or the root user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ValidationError
from akia.identity.account import root_arn
from akia.identity.principal import IamUser, Root
from akia.operation import Required
from akia.services.akia._akia import ResourceNotFoundException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.user import User
    from akia.operation import Conditions, Context


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, or the root user (`user` is None), by the unique id or the account's."""

    id: str
    user: User | None


def owner_meant(ctx: Context, request: Mapping[str, Any]) -> Owner:
    """The user called `UserName`, else who signed (NT-37). Raises ResourceNotFoundException, ValidationError (roles without a name)."""
    name, principal = request.get("UserName"), ctx.caller.principal
    if name is not None:
        user = ctx.look_up("users", name, ctx.store.users.named)
        if user is None:
            raise ResourceNotFoundException(f"There is no user {name}.")
        return Owner(user.id, user)
    match principal:
        case IamUser(user=user):
            return Owner(user.id, user)
        case Root():
            return Owner(ctx.account, None)
    raise ValidationError("UserName is required of who is no user.")


def owner_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the user called `UserName`; without a name, of the caller."""
    name = request.get("UserName")
    if name is None:
        return str(root_arn(ctx.account) if isinstance(ctx.caller.principal, Root) else ctx.caller.principal.arn)
    user = ctx.look_up("users", name, ctx.store.users.named)
    return str(user.arn) if user is not None else f"arn:aws:iam::{ctx.account}:user/{name}"


def owner_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """What IAM tells policies of the owner of `owner_arn`: the tags."""
    name = request.get("UserName")
    owner = ctx.look_up("users", name, ctx.store.users.named) if name is not None else ctx.caller.principal
    return resource_tags(owner.tags) if owner is not None else {}


def resource_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """`aws:ResourceTag/k` and `iam:ResourceTag/k`, as IAM's own operations have them."""
    return {f"{prefix}:resourcetag/{key.lower()}": value for key, value in tags.items() for prefix in ("aws", "iam")}


def required_on(user: User, *actions: str) -> list[Required]:
    """These actions of IAM on `user`, with all that IAM tells policies of them: a condition that denies them there denies them here."""
    return [Required(action, str(user.arn), resource_tags(user.tags)) for action in actions]
