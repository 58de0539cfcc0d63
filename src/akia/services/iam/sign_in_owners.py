"""Whose password or second factor is meant: a user's or the root user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.identity.account import root_arn
from akia.identity.principal import Root
from akia.services.iam._iam import named_user_or_caller, user_arn, user_conditions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.user import User
    from akia.operation import Conditions, Context

ROOT_NAME = "root"
"""What the root user calls itself in requests whose model demands a name. A user who has that name comes first."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, by its unique id, or the root user (`user` is None), by the account's id."""

    id: str
    user: User | None

    @property
    def name(self) -> str:
        return self.user.name if self.user is not None else ROOT_NAME


def owner_of(ctx: Context, request: Mapping[str, Any]) -> Owner:
    """The user called `UserName`, else who signed (NT-37). Nobody but the root user reaches its own (NT-42).

    Raises NoSuchEntity, and ValidationError for roles without a name.
    """
    if _means_root(ctx, request):
        return Owner(ctx.account, None)
    user = named_user_or_caller(ctx, request)
    return Owner(user.id, user)


def owner_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of `owner_of`."""
    return str(root_arn(ctx.account)) if _means_root(ctx, request) else user_arn(ctx, request)


def owner_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of `owner_of`."""
    return {} if _means_root(ctx, request) else user_conditions(ctx, request)


def _means_root(ctx: Context, request: Mapping[str, Any]) -> bool:
    name = request.get("UserName")
    if not isinstance(ctx.caller.principal, Root):
        return False
    return name is None or (name == ROOT_NAME and ctx.look_up("users", name, ctx.store.users.named) is None)
