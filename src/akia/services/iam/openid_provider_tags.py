"""Tags of OpenID Connect providers: TagOpenIDConnectProvider, UntagOpenIDConnectProvider, ListOpenIDConnectProviderTags."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from akia.operation import Access, Conditions, Context
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags
from akia.services.iam.openid_providers import about_provider, openid_provider, provider_arn, provider_conditions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.openid_provider import OpenIdProvider
    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags that the provider has, those to be set, and the keys of those to be removed."""
    keys = request.get("TagKeys")
    removed: Conditions = {"aws:tagkeys": list(keys)} if keys else {}
    return {**provider_conditions(ctx, request), **request_tags(request.get("Tags")), **removed}


@iam.operation(
    "TagOpenIDConnectProvider", access=Access.TAGGING, resource=provider_arn, conditions=_tagging, event_resources=about_provider
)
def tag_openid_connect_provider(ctx: Context, request: shapes.TagOpenIDConnectProviderRequest) -> None:
    """Set tags; a key that is there already is replaced. Raises NoSuchEntity, ValidationError, InvalidInput, LimitExceeded (P5.4-12)."""
    provider = openid_provider(ctx, request)
    merged = tags.merged(provider.tags, request["Tags"], ctx.authority.quotas, tags.exactly)
    ctx.store.openid_providers.replace(replace(provider, tags=merged))


@iam.operation(
    "UntagOpenIDConnectProvider", access=Access.TAGGING, resource=provider_arn, conditions=_tagging, event_resources=about_provider
)
def untag_openid_connect_provider(ctx: Context, request: shapes.UntagOpenIDConnectProviderRequest) -> None:
    """Remove tags; keys that are not there do not matter. Raises NoSuchEntity, ValidationError, InvalidInput."""
    provider = openid_provider(ctx, request)
    ctx.store.openid_providers.replace(replace(provider, tags=tags.without(provider.tags, request["TagKeys"], tags.exactly)))


def _list_name(provider: OpenIdProvider) -> str:
    """The list's name in markers, which are too short for every ARN."""
    return f"tags of {sha256(str(provider.arn).encode()).hexdigest()[:32]}"


@iam.operation(
    "ListOpenIDConnectProviderTags",
    access=Access.LIST,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def list_openid_connect_provider_tags(
    ctx: Context, request: shapes.ListOpenIDConnectProviderTagsRequest
) -> shapes.ListOpenIDConnectProviderTagsResponse:
    """In the order of keys. Raises NoSuchEntity, ValidationError (ARN, marker), InvalidInput."""
    provider = openid_provider(ctx, request)
    shown, end = pages.window(request, _list_name(provider)).slice(tags.to_wire(provider.tags))
    return {"Tags": list(shown), **end}
