"""Access keys that say what they are for: CreateAccessKey, DescribeAccessKey, ListAccessKeys, UpdateAccessKeyAttributes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.authority.issuing import issue
from akia.authority.key_naming import BreaksNamingRule, require_named_well
from akia.aws.errors import LimitExceeded, ValidationError
from akia.identity.key_attributes import SAYS_NOTHING
from akia.identity.listed_key import DAY_SECONDS, KeyFilter
from akia.identity.principal import IamUser
from akia.operation import Access, Conditions, Context, Required, everything
from akia.services.akia._akia import ServiceQuotaExceededException, akia, limit_of, more_behind, position_of, utc
from akia.services.akia.key_descriptions import LastDay, described, given_attributes, told_attributes, told_tags
from akia.services.akia.key_tags import given_tags
from akia.services.akia.keys_meant import about_key, existing, key_arn, key_conditions, key_meant, owner_condition, request_tags
from akia.services.akia.owners import owner_arn, owner_conditions, owner_meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.authority.issuing import Issued
    from akia.identity.listed_key import ListedKey
    from akia.wire.shapes import akia as shapes

_BATCH = 250
_MOST_EXAMINED = 5_000
"""So many keys one call looks at, whatever it asks for."""


def _creation(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return request_tags(request.get("Tags", ())) | owner_condition(_user_name(ctx, request))


def _user_name(ctx: Context, request: Mapping[str, Any]) -> str | None:
    """The user whose key it will be, as far as it is one."""
    principal = ctx.caller.principal
    return request.get("UserName") or (principal.user.name if isinstance(principal, IamUser) else None)


def _as_in_iam(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """Whoever makes keys must be allowed to in IAM, too; who gives tags must be allowed to (P2.1-6)."""
    yield Required("iam:CreateAccessKey", owner_arn(ctx, request), owner_conditions(ctx, request))
    if request.get("Tags"):
        yield Required("akia:TagAccessKey", key_arn(ctx, request), _creation(ctx, request))


@akia.operation(
    "CreateAccessKey", access=Access.PERMISSIONS, resource=key_arn, conditions=_creation, also=_as_in_iam, event_resources=about_key
)
def create_access_key(ctx: Context, request: shapes.CreateAccessKeyRequest) -> shapes.CreateAccessKeyResponse:
    """The only answer that ever holds the secret.

    Raises ResourceNotFoundException, ServiceQuotaExceededException, ValidationError (the naming rule, roles without a user's name).
    """
    owner, attributes = owner_meant(ctx, request), SAYS_NOTHING.changed(given_attributes(request))
    attributes = attributes.tagged(given_tags(request.get("Tags", ()), ctx.authority.quotas))
    try:
        issued = issue(ctx.store, ctx.authority.quotas, ctx.account, owner.id, ctx.now, attributes)
    except LimitExceeded as error:
        raise ServiceQuotaExceededException(error.message) from None
    except BreaksNamingRule as error:
        raise ValidationError(error.message) from None
    return {
        "AccessKey": told_new_key(owner.user.name if owner.user is not None else None, issued),
        "Attributes": told_attributes(attributes),
        "Tags": told_tags(attributes.tags),
    }


def told_new_key(user: str | None, issued: Issued) -> shapes.NewAccessKey:
    """A new key of the user with this name, or of the root user, with the only sight of its secret."""
    key = issued.key
    told: shapes.NewAccessKey = {
        "AccessKeyId": key.id,
        "Status": cast("Any", key.status.value),
        "SecretAccessKey": issued.secret,
        "CreateDate": utc(key.created * 1000),
    }
    if user is not None:
        told["UserName"] = user
    return told


@akia.operation("DescribeAccessKey", access=Access.READ, resource=key_arn, conditions=key_conditions, event_resources=about_key)
def describe_access_key(ctx: Context, request: shapes.DescribeAccessKeyRequest) -> shapes.DescribeAccessKeyResponse:
    """With its latest call, up to the one before this. Raises ResourceNotFoundException."""
    ctx.authority.drain_journals()  # calls that changed nothing wait in the journals until somebody asks
    listed = existing(ctx.store.key_listing.one(ctx.account, request["AccessKeyId"]), request)
    return {"AccessKey": described(ctx, listed, LastDay(ctx))}


@akia.operation("ListAccessKeys", access=Access.LIST, resource=everything)
def list_access_keys(ctx: Context, request: shapes.ListAccessKeysRequest) -> shapes.ListAccessKeysResponse:
    """In the order in which they were made. A key that is there from the first page to the last is listed once, whatever happens to others.

    Raises ValidationError (token).
    """
    after = position_of(ctx, "access keys", request) or 0
    ctx.authority.drain_journals()
    found, end = _found(ctx, request, after)
    last_day = LastDay(ctx)
    more = more_behind(ctx, "access keys", request, end) if end is not None else {}
    return cast("shapes.ListAccessKeysResponse", {"AccessKeys": [described(ctx, listed, last_day) for listed in found], **more})


def _found(ctx: Context, request: shapes.ListAccessKeysRequest, after: int) -> tuple[list[ListedKey], int | None]:
    """The keys of the page behind the number `after`, and the number behind which the next one begins; None if there is none."""
    found: list[ListedKey] = []
    wanted, limit, last = _filter(request), limit_of(request), after
    for examined, listed in enumerate(_behind(ctx, after)):
        if len(found) == limit or examined == _MOST_EXAMINED:
            return found, last
        if _is_wanted(ctx, request, wanted, listed):
            found.append(listed)
        last = listed.number
    return found, None


def _behind(ctx: Context, after: int) -> Iterator[ListedKey]:
    while batch := ctx.store.key_listing.page(ctx.account, after, _BATCH):
        yield from batch
        after = batch[-1].number


def _filter(request: shapes.ListAccessKeysRequest) -> KeyFilter:
    tag = request.get("Tag")
    return KeyFilter(
        user=request.get("UserName", ""),
        status=request.get("Status", ""),
        owner=request.get("Owner", ""),
        environment=request.get("Environment", ""),
        purpose=request.get("Purpose", ""),
        tag=(tag["Key"], tag.get("Value")) if tag is not None else None,
        text=request.get("Text", ""),
        older_than_days=request.get("OlderThanDays"),
        unused_for_days=request.get("UnusedForDays"),
    )


def _is_wanted(ctx: Context, request: shapes.ListAccessKeysRequest, wanted: KeyFilter, listed: ListedKey) -> bool:
    if wanted.status:
        listed = replace(listed, key=ctx.authority.as_it_counts(listed.key, ctx.store, ctx.now))
    return wanted.accepts(listed, ctx.now) and _ends_in_time(ctx, listed, request.get("ExpiresWithinDays"))


def _ends_in_time(ctx: Context, listed: ListedKey, days: int | None) -> bool:
    if days is None:
        return True
    end = ctx.authority.validity(listed.key, ctx.store).expires
    return end is not None and end <= ctx.now + days * DAY_SECONDS


@akia.operation("UpdateAccessKeyAttributes", access=Access.WRITE, resource=key_arn, conditions=key_conditions, event_resources=about_key)
def update_access_key_attributes(
    ctx: Context, request: shapes.UpdateAccessKeyAttributesRequest
) -> shapes.UpdateAccessKeyAttributesResponse:
    """What is not given stays. Raises ResourceNotFoundException, ValidationError (the naming rule)."""
    key = key_meant(ctx, request).key
    changed = ctx.store.key_attributes.of(key.id).changed(given_attributes(request))
    try:
        require_named_well(ctx.store, ctx.account, changed)
    except BreaksNamingRule as error:
        raise ValidationError(error.message) from None
    ctx.store.key_attributes.put(key.id, changed)
    return {"Attributes": told_attributes(changed)}
