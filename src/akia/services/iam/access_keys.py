"""Access keys of users and of the root user: CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.authority.issuing import issue
from akia.authority.key_deletion import delete_key
from akia.aws.errors import NoSuchEntity
from akia.identity.account import root_arn
from akia.operation import Access, Conditions, Context
from akia.services.iam import pages
from akia.services.iam._iam import ACCESS_KEY, USER, iam, iam_arn, resource_tags, utc
from akia.services.iam.identities import user_arn, user_conditions
from akia.services.iam.owners import owner_meant, settable_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.access_key import AccessKey
    from akia.identity.user import User
    from akia.services.iam.owners import Owner
    from akia.wire.shapes import iam as shapes

NEVER = "N/A"
"""AWS's word for service and region of a key that was never used."""


def _key(ctx: Context, request: Mapping[str, Any]) -> AccessKey:
    """The key `AccessKeyId` of the owner. Another's key is not told from one that does not exist (NT-42). Raises NoSuchEntity."""
    owner = owner_meant(ctx, request)
    key = ctx.store.access_keys.get(request["AccessKeyId"])
    if key is None or key.owner != owner.id:
        raise NoSuchEntity(f"The Access Key with id {request['AccessKeyId']} cannot be found.")
    return key


def _event_resources(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The key of the request or of the result, and its user as far as named there."""
    made = result.get("AccessKey", {}) if result else {}
    for type_, member in ((ACCESS_KEY, "AccessKeyId"), (USER, "UserName")):
        name = request.get(member) or made.get(member)
        if name:
            yield type_, name


@iam.operation(
    "CreateAccessKey", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=_event_resources
)
def create_access_key(ctx: Context, request: shapes.CreateAccessKeyRequest) -> shapes.CreateAccessKeyResponse:
    """The only answer that ever holds the secret. Raises NoSuchEntity, ValidationError, LimitExceeded for a third key (P5.3-9)."""
    owner = owner_meant(ctx, request)
    issued = issue(ctx.store, ctx.authority.quotas, ctx.account, owner.id, ctx.now)
    made = _listed(owner, issued.key) | {"SecretAccessKey": issued.secret}
    return {"AccessKey": cast("shapes.AccessKey", made)}  # the model wants a name, but the root user has none


@iam.operation("ListAccessKeys", access=Access.LIST, resource=user_arn, conditions=user_conditions, event_resources=_event_resources)
def list_access_keys(ctx: Context, request: shapes.ListAccessKeysRequest) -> shapes.ListAccessKeysResponse:
    """The oldest first, without secrets. Raises NoSuchEntity, ValidationError."""
    owner = owner_meant(ctx, request)
    keys, end = pages.window(request, f"keys of {owner.id}").slice(ctx.store.access_keys.of(owner.id))
    return {"AccessKeyMetadata": [_listed(owner, ctx.authority.as_it_counts(key, ctx.store, ctx.now)) for key in keys], **end}


def _listed(owner: Owner, key: AccessKey) -> shapes.AccessKeyMetadata:
    shown: shapes.AccessKeyMetadata = {"AccessKeyId": key.id, "Status": key.status.value, "CreateDate": utc(key.created)}
    if owner.name is not None:
        shown["UserName"] = owner.name
    return shown


@iam.operation(
    "UpdateAccessKey", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=_event_resources
)
def update_access_key(ctx: Context, request: shapes.UpdateAccessKeyRequest) -> None:
    """Active or Inactive; an inactive key is refused from the next request on. Raises NoSuchEntity, InvalidInput (`Expired`)."""
    key = _key(ctx, request)
    ctx.store.access_keys.set_status(key.id, settable_status(request, "an access key"))


@iam.operation(
    "DeleteAccessKey", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=_event_resources
)
def delete_access_key(ctx: Context, request: shapes.DeleteAccessKeyRequest) -> None:
    """For good: there is no way back to a deleted key. Sessions of a restricted one go with it. Raises NoSuchEntity."""
    delete_key(ctx.store, _key(ctx, request), ctx.now)


def _user_of_key(ctx: Context, request: Mapping[str, Any]) -> User | None:
    key = ctx.store.access_keys.get(request["AccessKeyId"])
    return ctx.store.users.with_id(key.owner) if key and key.account == ctx.account and not key.of_root else None


def _arn_of_key(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the key's owner. Keys that do not exist, or not in this account, are asked for with the ARN of all users."""
    user = _user_of_key(ctx, request)
    if user is not None:
        return str(user.arn)
    key = ctx.store.access_keys.get(request["AccessKeyId"])
    return str(root_arn(ctx.account)) if key and key.owner == ctx.account else iam_arn(ctx, "user/*")


def _tags_of_key(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    user = _user_of_key(ctx, request)
    return resource_tags(user.tags) if user else {}


@iam.operation("GetAccessKeyLastUsed", access=Access.READ, resource=_arn_of_key, conditions=_tags_of_key, event_resources=_event_resources)
def get_access_key_last_used(ctx: Context, request: shapes.GetAccessKeyLastUsedRequest) -> shapes.GetAccessKeyLastUsedResponse:
    """The latest verified call with the key (NT-93), up to the one before this. Raises NoSuchEntity, for keys of other accounts too."""
    ctx.authority.drain_journals()  # calls that changed nothing wait in the journals until somebody asks
    key = ctx.store.access_keys.get(request["AccessKeyId"])
    if key is None or key.account != ctx.account:
        raise NoSuchEntity(f"The Access Key with id {request['AccessKeyId']} cannot be found.")
    used = ctx.store.events.last_used(key.id)
    answer: shapes.GetAccessKeyLastUsedResponse = {
        "AccessKeyLastUsed": {"LastUsedDate": utc(used.at), "ServiceName": used.service, "Region": used.region}
        if used
        else {"ServiceName": NEVER, "Region": NEVER}
    }
    user = ctx.store.users.with_id(key.owner)
    if user is not None:
        answer["UserName"] = user.name
    return answer
