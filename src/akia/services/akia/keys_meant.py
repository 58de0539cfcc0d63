"""Which access key a request means, and what policies may say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.account import root_arn
from akia.operation import Required
from akia.services.akia._akia import ResourceNotFoundException
from akia.services.akia.owners import required_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from akia.identity.listed_key import ListedKey
    from akia.identity.user import User
    from akia.operation import Conditions, Context

ACCESS_KEY, USER = "AWS::IAM::AccessKey", "AWS::IAM::User"
NO_KEY = "There is no access key {}."


def key_meant(ctx: Context, request: Mapping[str, Any]) -> ListedKey:
    """The key `AccessKeyId` of the caller's account. Raises ResourceNotFoundException."""
    return existing(_key(ctx, request), request)


def existing(found: ListedKey | None, request: Mapping[str, Any]) -> ListedKey:
    """`found`, what was found of the key of the request. Raises ResourceNotFoundException if it is none."""
    if found is None:
        raise ResourceNotFoundException(NO_KEY.format(request["AccessKeyId"]))
    return found


def _key(ctx: Context, request: Mapping[str, Any]) -> ListedKey | None:
    return ctx.look_up("listed keys", request["AccessKeyId"], ctx.store.key_listing.one)


def key_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the key that a request names, be there one or not; of one yet to be made, `*` for its id."""
    return f"arn:aws:akia::{ctx.account}:access-key/{request.get('AccessKeyId', '*')}"


def on_key_owner(ctx: Context, request: Mapping[str, Any], *actions: str) -> list[Required]:
    """These actions of IAM on the owner of the key that a request names, so that what IAM's policies forbid is not had here; on all users
    if there is no such key."""
    user = user_of_key(ctx, request)
    if user is not None:
        return required_on(user, *actions)
    listed = _key(ctx, request)
    owner = str(root_arn(ctx.account)) if listed is not None else f"arn:aws:iam::{ctx.account}:user/*"
    return [Required(action, owner) for action in actions]


def user_of_key(ctx: Context, request: Mapping[str, Any]) -> User | None:
    """The user whose key a request names; None for a key of the root user, and for one that is not there."""
    listed = _key(ctx, request)
    return ctx.store.users.with_id(listed.key.owner) if listed is not None and not listed.key.of_root else None


def also_on_owner(action: str) -> Callable[[Context, Any], list[Required]]:
    """The permission `action` on the key's owner."""
    return lambda ctx, request: on_key_owner(ctx, request, action)


def key_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The key's tags, and the name of the user whose key it is (none for the root user). Nothing if there is no such key."""
    found = _key(ctx, request)
    if found is None:
        return {}
    tags = {f"aws:resourcetag/{key.lower()}": value for key, value in found.attributes.tags.items()}
    return tags | owner_condition(found.user)


def owner_condition(user: str | None) -> dict[str, str]:
    """`akia:KeyOwner`, for a user of this name."""
    return {"akia:keyowner": user} if user is not None else {}


def request_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """`aws:RequestTag/k` and `aws:TagKeys` of tags in a request; nothing if there are none."""
    given = {tag["Key"]: tag["Value"] for tag in tags}
    return {"aws:tagkeys": list(given), **{f"aws:requesttag/{key.lower()}": value for key, value in given.items()}} if given else {}


def about_key(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """For events: the key of the request or of the result, and its user as far as named there."""
    made = (result or {}).get("AccessKey", {})
    for kind, member in ((ACCESS_KEY, "AccessKeyId"), (USER, "UserName")):
        name = request.get(member) or made.get(member)
        if name:
            yield kind, name
