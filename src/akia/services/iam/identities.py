"""Users, groups and roles: which one a request means, or AWS's refusal, its ARN, and its tags as condition keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import ValidationError
from akia.identity.group import Group
from akia.identity.principal import IamUser
from akia.identity.role import Role
from akia.identity.user import User
from akia.services.iam._iam import GROUP, ROLE, USER, resource_tags
from akia.services.iam.named import NamedKind, TaggedKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Conditions, Context


class _Users(TaggedKind[User]):
    __slots__ = ()

    def there(self, ctx: Context, name: str) -> User | None:
        """Who asks about himself is at hand, as he is now: whoever is changed is loaded anew before the next call."""
        caller = ctx.caller.principal
        return caller.user if isinstance(caller, IamUser) and caller.user.name == name else super().there(ctx, name)


USERS = _Users(
    value=User,
    type=USER,
    member="UserName",
    repository=lambda store: store.users,
    absent="The user with name {} cannot be found.",
    exists="User with name {} already exists.",
)
GROUPS: NamedKind[Group] = NamedKind(
    value=Group,
    type=GROUP,
    member="GroupName",
    repository=lambda store: store.groups,
    absent="The group with name {} cannot be found.",
    exists="Group with name {} already exists.",
)
ROLES: TaggedKind[Role] = TaggedKind(
    value=Role,
    type=ROLE,
    member="RoleName",
    repository=lambda store: store.roles,
    absent="The role with name {} cannot be found.",
    exists="Role with name {} already exists.",
)

# So often used that they have names of their own.
user_named, group_named, role_named = USERS.named, GROUPS.named, ROLES.named
group_arn, role_arn = GROUPS.arn, ROLES.arn
role_conditions = ROLES.conditions


def named_user_or_caller(ctx: Context, request: Mapping[str, Any]) -> User:
    """The user called `UserName`, or the user who signed, by a key of its own or by GetSessionToken.

    Without a name it is the credential alone that decides (NT-37). Raises NoSuchEntity, and ValidationError where no user signed.
    """
    name = request.get("UserName")
    if name is not None:
        return user_named(ctx, name)
    if not isinstance(ctx.caller.principal, IamUser):
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return ctx.caller.principal.user  # as it is now: whoever is changed is loaded anew before the next call


def user_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the user called `UserName`; without a name, of the caller. Never raises."""
    return USERS.arn(ctx, request) if request.get("UserName") is not None else str(ctx.caller.principal.arn)


def user_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the user that `user_arn` names; none if there is no such user. Never raises."""
    return USERS.conditions(ctx, request) if request.get("UserName") is not None else resource_tags(ctx.caller.principal.tags)
