"""Tags of instance profiles: TagInstanceProfile, UntagInstanceProfile, ListInstanceProfileTags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags
from akia.services.iam.instance_profiles import about_profile, profile_arn, profile_conditions, profile_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**profile_conditions(ctx, request), **request_tags(request["Tags"])}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**profile_conditions(ctx, request), "aws:tagkeys": list(request["TagKeys"])}


@iam.operation("TagInstanceProfile", access=Access.TAGGING, resource=profile_arn, conditions=_tagging, event_resources=about_profile)
def tag_instance_profile(ctx: Context, request: shapes.TagInstanceProfileRequest) -> None:
    """Set tags; a key that is there already is replaced. Raises NoSuchEntity, InvalidInput, LimitExceeded (P5.4-12)."""
    profile = profile_named(ctx, request["InstanceProfileName"])
    merged = tags.merged(profile.tags, request["Tags"], ctx.authority.quotas, tags.exactly)
    ctx.store.instance_profiles.replace(replace(profile, tags=merged))


@iam.operation("UntagInstanceProfile", access=Access.TAGGING, resource=profile_arn, conditions=_untagging, event_resources=about_profile)
def untag_instance_profile(ctx: Context, request: shapes.UntagInstanceProfileRequest) -> None:
    """Remove tags; keys that are not there do not matter. Raises NoSuchEntity."""
    profile = profile_named(ctx, request["InstanceProfileName"])
    ctx.store.instance_profiles.replace(replace(profile, tags=tags.without(profile.tags, request["TagKeys"], tags.exactly)))


@iam.operation(
    "ListInstanceProfileTags", access=Access.LIST, resource=profile_arn, conditions=profile_conditions, event_resources=about_profile
)
def list_instance_profile_tags(ctx: Context, request: shapes.ListInstanceProfileTagsRequest) -> shapes.ListInstanceProfileTagsResponse:
    """In the order of keys. Raises NoSuchEntity, ValidationError (marker)."""
    profile = profile_named(ctx, request["InstanceProfileName"])
    shown, end = pages.window(request, f"tags of {profile.id}").slice(tags.to_wire(profile.tags))
    return {"Tags": list(shown), **end}
