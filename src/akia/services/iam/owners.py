"""Whose credentials a request means: a user's, or those of the account's root user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.errors import InvalidInput
from akia.identity.access_key import KeyStatus
from akia.identity.principal import Root
from akia.services.iam._iam import USER, named_user_or_caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from akia.operation import Context


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, by its unique id, or the root user, by the account's id. The root user has no name."""

    id: str
    name: str | None


def owner_meant(ctx: Context, request: Mapping[str, Any]) -> Owner:
    """The user called `UserName`, else who signed (NT-37). Raises NoSuchEntity, and ValidationError for roles without a name."""
    if "UserName" not in request and isinstance(ctx.caller.principal, Root):
        return Owner(ctx.account, None)
    user = named_user_or_caller(ctx, request)
    return Owner(user.id, user.name)


def settable_status(request: Mapping[str, Any], kind: str) -> KeyStatus:
    """`Status` of a request: Active or Inactive. Raises InvalidInput for `Expired`, which only time can set."""
    try:
        return KeyStatus(request["Status"])
    except ValueError:
        raise InvalidInput(f"The status of {kind} cannot be set to {request['Status']}.") from None


def about_owner(made: str = "") -> Callable[[Mapping[str, Any], Mapping[str, Any] | None], Iterator[tuple[str, str]]]:
    """For events: the user that the request names, or the result in its member `made`."""

    def resources(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
        name = request.get("UserName") or (result or {}).get(made, {}).get("UserName")
        if name:
            yield USER, name

    return resources
