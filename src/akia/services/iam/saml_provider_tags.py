"""Tags of SAML providers: TagSAMLProvider, UntagSAMLProvider, ListSAMLProviderTags. Keys may differ by case alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags
from akia.services.iam.saml_providers import about_provider, provider_arn, provider_conditions, provider_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**provider_conditions(ctx, request), **request_tags(request["Tags"])}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**provider_conditions(ctx, request), "aws:tagkeys": list(request["TagKeys"])}


@iam.operation("TagSAMLProvider", access=Access.TAGGING, resource=provider_arn, conditions=_tagging, event_resources=about_provider)
def tag_saml_provider(ctx: Context, request: shapes.TagSAMLProviderRequest) -> None:
    """Set tags; a key that is there already is replaced. Raises NoSuchEntity, InvalidInput, LimitExceeded (P5.4-12)."""
    provider = provider_named(ctx, request["SAMLProviderArn"])
    merged = tags.merged(provider.tags, request["Tags"], ctx.authority.quotas, tags.exactly)
    ctx.store.saml_providers.replace(replace(provider, tags=merged))


@iam.operation("UntagSAMLProvider", access=Access.TAGGING, resource=provider_arn, conditions=_untagging, event_resources=about_provider)
def untag_saml_provider(ctx: Context, request: shapes.UntagSAMLProviderRequest) -> None:
    """Remove tags; keys that are not there do not matter. Raises NoSuchEntity, InvalidInput."""
    provider = provider_named(ctx, request["SAMLProviderArn"])
    ctx.store.saml_providers.replace(replace(provider, tags=tags.without(provider.tags, request["TagKeys"], tags.exactly)))


@iam.operation(
    "ListSAMLProviderTags",
    access=Access.LIST,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def list_saml_provider_tags(ctx: Context, request: shapes.ListSAMLProviderTagsRequest) -> shapes.ListSAMLProviderTagsResponse:
    """In the order of keys. Raises NoSuchEntity, InvalidInput, ValidationError (marker)."""
    provider = provider_named(ctx, request["SAMLProviderArn"])
    shown, end = pages.window(request, f"tags of {provider.uuid}").slice(tags.to_wire(provider.tags))
    return {"Tags": list(shown), **end}
