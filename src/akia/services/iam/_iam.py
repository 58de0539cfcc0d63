"""What IAM's operations share: the registry, who is meant by a request, the ARNs that are asked for, and condition keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from akia.aws.arn import Arn
from akia.aws.errors import LimitExceeded, NoSuchEntity, ServiceUnavailable, ValidationError
from akia.aws.ids import Prefix, new_id
from akia.identity.managed_policy import AWS
from akia.identity.principal import IamUser
from akia.operation import Conditions, Context, Operations
from akia.store.errors import IdTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akia.identity.group import Group
    from akia.identity.managed_policy import ManagedPolicy
    from akia.identity.role import Role
    from akia.identity.user import User

iam = Operations("iam")

USER, GROUP, ROLE, POLICY, ACCESS_KEY = "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::AccessKey"
"""Types of resources in events (AC1)."""


ATTEMPTS = 8
"""How often a fresh id is tried. Each has 39 random bits (W10.9): even with a million taken, eight collisions in a row do not happen."""

T = TypeVar("T")


def utc(seconds: int) -> datetime:
    """Epoch seconds as the wire's timestamps are handed over: a datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def with_fresh_id(ctx: Context, prefix: Prefix, make: Callable[[str], T], add: Callable[[T], None]) -> T:
    """Make an entity under an id that nobody has, and add it. Raises whatever `add` raises, ServiceUnavailable if no id is free."""
    for _ in range(ATTEMPTS):
        entity = make(new_id(prefix, ctx.account))
        try:
            add(entity)
        except IdTaken:
            continue
        return entity
    raise ServiceUnavailable("No free identifier was found. Try again.", detail=f"{ATTEMPTS} ids {prefix}... in a row were taken")


def require_room(quota: str, held: int, limit: int) -> None:
    """Raises LimitExceeded if `held` things are there already of at most `limit` (P5.3-9, P5.4). `quota` is AWS's name of it."""
    if held >= limit:
        raise LimitExceeded(f"Cannot exceed quota for {quota}: {limit}")


# The entity that a request names, or AWS's refusal. Names keep their case and are found only by it (P5.4-21).


def find_user(ctx: Context, name: str) -> User | None:
    """The user of the caller's account called `name`. Who asks about himself is at hand, as he is now: whoever is changed is loaded anew
    before the next call."""
    caller = ctx.caller.principal
    if isinstance(caller, IamUser) and caller.user.name == name:
        return caller.user
    return ctx.look_up("users", name, ctx.store.users.named)


def user_named(ctx: Context, name: str) -> User:
    """The user of the caller's account called `name`. Raises NoSuchEntity (P5.3-1)."""
    user = find_user(ctx, name)
    if user is None:
        raise NoSuchEntity(f"The user with name {name} cannot be found.")
    return user


def group_named(ctx: Context, name: str) -> Group:
    """The group of the caller's account called `name`. Raises NoSuchEntity (P5.3-1)."""
    group = ctx.look_up("groups", name, ctx.store.groups.named)
    if group is None:
        raise NoSuchEntity(f"The group with name {name} cannot be found.")
    return group


def role_named(ctx: Context, name: str) -> Role:
    """The role of the caller's account called `name`. Raises NoSuchEntity (P5.3-1)."""
    role = ctx.look_up("roles", name, ctx.store.roles.named)
    if role is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return role


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


def boundary_policy(ctx: Context, arn: str) -> ManagedPolicy:
    """The managed policy `arn`, of AWS or of the caller's account, as a boundary. Raises NoSuchEntity, ValidationError (P5.3-3)."""
    try:
        Arn.parse(arn)
    except ValueError:
        raise ValidationError("Invalid ARN:  Could not be parsed!") from None
    policy = ctx.store.managed_policies.with_arn(arn)
    if policy is None or policy.account not in (AWS, ctx.account) or policy.is_service_role_policy:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")
    return policy


# The ARNs that are asked for. None of these raises: nothing can be enumerated before authorization. What is missing has no path.


def iam_arn(ctx: Context, resource: str) -> str:
    """The ARN of `resource` (`user/ops/alice`) in the caller's account; also of what is yet to be made, and of collections (P2.2-6)."""
    return f"arn:aws:iam::{ctx.account}:{resource}"


def user_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the user called `UserName`; without a name, of the caller."""
    name = request.get("UserName")
    if name is None:
        return str(ctx.caller.principal.arn)
    user = find_user(ctx, name)
    return str(user.arn) if user else iam_arn(ctx, f"user/{name}")


def group_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the group called `GroupName`."""
    name = request["GroupName"]
    group = ctx.look_up("groups", name, ctx.store.groups.named)
    return str(group.arn) if group else iam_arn(ctx, f"group/{name}")


def role_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the role called `RoleName`."""
    name = request["RoleName"]
    role = ctx.look_up("roles", name, ctx.store.roles.named)
    return str(role.arn) if role else iam_arn(ctx, f"role/{name}")


def policy_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the managed policy, which is what the request names it by."""
    return str(request["PolicyArn"])


# Condition keys, lower-cased.


def resource_tags(tags: Mapping[str, str]) -> Conditions:
    """`aws:ResourceTag/k` and `iam:ResourceTag/k` of the entity that an operation is about."""
    return {f"{prefix}:resourcetag/{key.lower()}": value for key, value in tags.items() for prefix in ("aws", "iam")}


def request_tags(tags: Iterable[Mapping[str, str]] | None) -> Conditions:
    """`aws:RequestTag/k` and `aws:TagKeys` of tags in a request, a list of `Key`/`Value`; nothing if there are none."""
    if not tags:
        return {}
    given = {tag["Key"]: tag["Value"] for tag in tags}
    return {"aws:tagkeys": list(given), **{f"aws:requesttag/{key.lower()}": value for key, value in given.items()}}


def user_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the user that `user_arn` names; none if there is no such user."""
    name = request.get("UserName")
    if name is None:
        return resource_tags(ctx.caller.principal.tags)
    user = find_user(ctx, name)
    return resource_tags(user.tags) if user else {}


def role_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the role called `RoleName`; none if there is no such role."""
    role = ctx.look_up("roles", request["RoleName"], ctx.store.roles.named)
    return resource_tags(role.tags) if role else {}
