"""Tags of roots, units, accounts and policies: TagResource, UntagResource, ListTagsForResource; and the rules of tags (P5.4-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.organization_errors import ConstraintViolation, InvalidInput, PolicyNotFound, TargetNotFound
from akia.operation import Access
from akia.services.organizations import entities, pages
from akia.services.organizations._organizations import Reach, named, operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

_ONE = named("ResourceId")


def given(ctx: Context, tags: Sequence[shapes.Tag]) -> Mapping[str, str]:
    """The tags of a request. Raises InvalidInput (a key twice or reserved), ConstraintViolation (too many)."""
    found = {tag["Key"]: tag["Value"] for tag in tags}
    if len({key.lower() for key in found}) != len(tags):
        raise InvalidInput("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    if any(key.lower().startswith("aws:") for key in found):
        raise InvalidInput("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
    return _few_enough(ctx, found)


def _few_enough(ctx: Context, tags: Mapping[str, str]) -> Mapping[str, str]:
    if len(tags) > ctx.authority.quotas.tags_per_entity:
        raise ConstraintViolation("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the allowed number of tags.")
    return tags


def _require_taggable(ctx: Context, organization: Organization, resource: str) -> None:
    """Raises TargetNotFound; InvalidInput for policies of AWS."""
    if resource.startswith("rp-"):
        policy = ctx.store.delegation_policies.get(organization.id)
        if policy is None or policy.id != resource:
            raise TargetNotFound
    elif resource.startswith("p-"):
        try:
            found = entities.policy(ctx, organization, resource)
        except PolicyNotFound:
            raise TargetNotFound from None
        if found.is_aws:
            raise InvalidInput("IMMUTABLE_POLICY", "You can't modify a policy that is managed by AWS.")
    else:
        entities.require_target(ctx, organization, resource)


@operation("TagResource", access=Access.TAGGING, reach=Reach.POLICY, resource=_ONE)
def tag_resource(ctx: Context, organization: Organization, request: shapes.TagResourceRequest) -> None:
    """A key that is there already, in whatever case, is replaced. Raises TargetNotFound, InvalidInput, ConstraintViolation."""
    resource, new = request["ResourceId"], given(ctx, request["Tags"])
    _require_taggable(ctx, organization, resource)
    keys = {key.lower() for key in new}
    kept = {key: value for key, value in _tags(ctx, organization, resource).items() if key.lower() not in keys}
    ctx.store.organization_tags.put(resource, organization.id, _few_enough(ctx, {**kept, **new}))


@operation("UntagResource", access=Access.TAGGING, reach=Reach.POLICY, resource=_ONE)
def untag_resource(ctx: Context, organization: Organization, request: shapes.UntagResourceRequest) -> None:
    """Keys that are not there do not matter. Raises TargetNotFound, InvalidInput."""
    resource, gone = request["ResourceId"], {key.lower() for key in request["TagKeys"]}
    _require_taggable(ctx, organization, resource)
    kept = {key: value for key, value in _tags(ctx, organization, resource).items() if key.lower() not in gone}
    ctx.store.organization_tags.put(resource, organization.id, kept)


@operation("ListTagsForResource", access=Access.LIST, reach=Reach.DELEGATES, resource=_ONE)
def list_tags(ctx: Context, organization: Organization, request: shapes.ListTagsForResourceRequest) -> shapes.ListTagsForResourceResponse:
    """By key. Raises TargetNotFound, InvalidInput (token)."""
    resource = request["ResourceId"]
    _require_taggable(ctx, organization, resource)
    tags, end = pages.page(
        request, f"tags {resource}", pages.among(_tags(ctx, organization, resource).items(), lambda tag: tag[0]), lambda tag: tag[0]
    )
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags], **end}


def _tags(ctx: Context, organization: Organization, resource: str) -> Mapping[str, str]:
    return ctx.store.organization_tags.get(resource, organization.id)
