"""Whose credentials, password or second factor a request means: a user's, or those of the account's root user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.errors import InvalidInput
from akia.identity.access_key import KeyStatus
from akia.identity.account import root_arn
from akia.identity.principal import Root
from akia.services.iam._iam import USER
from akia.services.iam.identities import USERS, named_user_or_caller, user_arn, user_conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
    def name(self) -> str | None:
        """The user's; the root user has none."""
        return self.user.name if self.user is not None else None

    @property
    def called(self) -> str:
        """What refusals call it."""
        return self.user.name if self.user is not None else ROOT_NAME


# Of keys and certificates, where the root user is meant by giving no name.


def owner_meant(ctx: Context, request: Mapping[str, Any]) -> Owner:
    """The user called `UserName`, else who signed (NT-37). Raises NoSuchEntity, and ValidationError for roles without a name."""
    if "UserName" not in request and isinstance(ctx.caller.principal, Root):
        return Owner(ctx.account, None)
    user = named_user_or_caller(ctx, request)
    return Owner(user.id, user)


def about_owner(made: str = "") -> Callable[[Mapping[str, Any], Mapping[str, Any] | None], Iterator[tuple[str, str]]]:
    """For events: the user that the request names, or the result in its member `made`."""

    def resources(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
        name = request.get("UserName") or (result or {}).get(made, {}).get("UserName")
        if name:
            yield USER, name

    return resources


def settable_status(request: Mapping[str, Any], kind: str) -> KeyStatus:
    """`Status` of a request: Active or Inactive. Raises InvalidInput for `Expired`, which only time can set."""
    try:
        return KeyStatus(request["Status"])
    except ValueError:
        raise InvalidInput(f"The status of {kind} cannot be set to {request['Status']}.") from None


# Of passwords and second factors, where the root user may also call itself by ROOT_NAME.


def sign_in_owner(ctx: Context, request: Mapping[str, Any]) -> Owner:
    """The user called `UserName`, else who signed (NT-37). Nobody but the root user reaches its own (NT-42).

    Raises NoSuchEntity, and ValidationError for roles without a name.
    """
    if _means_root(ctx, request):
        return Owner(ctx.account, None)
    user = named_user_or_caller(ctx, request)
    return Owner(user.id, user)


def owner_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of `sign_in_owner`."""
    return str(root_arn(ctx.account)) if _means_root(ctx, request) else user_arn(ctx, request)


def owner_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of `sign_in_owner`."""
    return {} if _means_root(ctx, request) else user_conditions(ctx, request)


def _means_root(ctx: Context, request: Mapping[str, Any]) -> bool:
    name = request.get("UserName")
    if not isinstance(ctx.caller.principal, Root):
        return False
    return name is None or (name == ROOT_NAME and USERS.there(ctx, name) is None)
