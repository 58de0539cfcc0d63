"""Tags of access keys: TagAccessKey, UntagAccessKey. Keys of tags keep their case, and differ by more than that, as those of users do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import ValidationError
from akia.operation import Access, Conditions, Context
from akia.services.akia._akia import ServiceQuotaExceededException, akia
from akia.services.akia.keys_meant import about_key, key_arn, key_conditions, key_meant, request_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.identity.quotas import Quotas
    from akia.wire.shapes import akia as shapes

_RESERVED = "aws:"


def given_tags(tags: Sequence[shapes.KeyTag], quotas: Quotas) -> dict[str, str]:
    """The tags of a request. Raises ValidationError (a key twice or reserved), ServiceQuotaExceededException."""
    found = {tag["Key"]: tag["Value"] for tag in tags}
    if len({key.lower() for key in found}) != len(tags):
        raise ValidationError("A tag key is given twice; they do not differ by case.")
    if any(key.lower().startswith(_RESERVED) for key in found):
        raise ValidationError("Tag keys that begin with aws: are AWS's.")
    _require_room(found, quotas)
    return found


def _require_room(tags: Mapping[str, str], quotas: Quotas) -> None:
    if len(tags) > quotas.tags_per_entity:
        raise ServiceQuotaExceededException(f"An access key may have at most {quotas.tags_per_entity} tags.")


def _without(tags: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    gone = {key.lower() for key in keys}
    return {key: value for key, value in tags.items() if key.lower() not in gone}


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**key_conditions(ctx, request), **request_tags(request["Tags"])}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**key_conditions(ctx, request), "aws:tagkeys": list(request["TagKeys"])}


@akia.operation("TagAccessKey", access=Access.TAGGING, resource=key_arn, conditions=_tagging, event_resources=about_key)
def tag_access_key(ctx: Context, request: shapes.TagAccessKeyRequest) -> None:
    """Raises ResourceNotFoundException, ValidationError, ServiceQuotaExceededException."""
    key, quotas = key_meant(ctx, request).key, ctx.authority.quotas
    new, attributes = given_tags(request["Tags"], quotas), ctx.store.key_attributes.of(key.id)
    tags = _without(attributes.tags, list(new)) | new
    _require_room(tags, quotas)
    ctx.store.key_attributes.put(key.id, attributes.tagged(tags))


@akia.operation("UntagAccessKey", access=Access.TAGGING, resource=key_arn, conditions=_untagging, event_resources=about_key)
def untag_access_key(ctx: Context, request: shapes.UntagAccessKeyRequest) -> None:
    """Tags that are not there do not matter. Raises ResourceNotFoundException."""
    key = key_meant(ctx, request).key
    attributes = ctx.store.key_attributes.of(key.id)
    ctx.store.key_attributes.put(key.id, attributes.tagged(_without(attributes.tags, request["TagKeys"])))
