"""Access keys as requests name them: the key, its ARN, and what policies may ask about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.identity.account import root_arn
from akia.operation import Required
from akia.services.akia._akia import ResourceNotFoundException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from akia.identity.access_key import AccessKey
    from akia.operation import Context

ROOT = "root"


def key_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the key called `AccessKeyId`, whether there is one or not."""
    return arn_of_key(ctx, request["AccessKeyId"])


def arn_of_key(ctx: Context, key_id: str) -> str:
    return str(Arn("akia", "", ctx.account, f"access-key/{key_id}"))


def key_named(ctx: Context, key_id: str) -> AccessKey:
    """A key of the caller's account. Raises ResourceNotFoundException."""
    key = _known(ctx, key_id)
    if key is None:
        raise ResourceNotFoundException(f"There is no access key {key_id}.")
    return key


def owner_arn(ctx: Context, key: AccessKey) -> str:
    """The ARN of the key's user, or of the root user."""
    user = None if key.of_root else ctx.store.users.with_id(key.owner)
    return str(user.arn if user is not None else root_arn(ctx.account))


def also_on_owner(action: str) -> Callable[[Context, Any], Iterator[Required]]:
    """The permission `action` on the owner of the key, so that what IAM's policies forbid is not had here."""

    def required(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
        key = _known(ctx, request["AccessKeyId"])
        yield Required(action, owner_arn(ctx, key) if key is not None else f"arn:aws:iam::{ctx.account}:user/*")

    return required


def about_key(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The event's resource: the key."""
    yield "AWS::IAM::AccessKey", request["AccessKeyId"]


def _known(ctx: Context, key_id: str) -> AccessKey | None:
    key = ctx.look_up("access keys", key_id, lambda _, name: ctx.store.access_keys.get(name))
    return key if key is not None and key.account == ctx.account else None
