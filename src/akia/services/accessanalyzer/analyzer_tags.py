"""Tags of analyzers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access, Conditions, Context
from akia.services.accessanalyzer._accessanalyzer import accessanalyzer
from akia.services.accessanalyzer.analyzers import request_tags, require_tags, resource_tags, with_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import accessanalyzer as shapes


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["resourceArn"])


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**resource_tags(ctx, request), **request_tags(request["tags"])}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**resource_tags(ctx, request), "aws:tagkeys": list(request["tagKeys"])}


@accessanalyzer.operation("TagResource", access=Access.TAGGING, resource=_arn, conditions=_tagging)
def tag_resource(ctx: Context, request: shapes.TagResourceRequest) -> None:
    """Raises ResourceNotFoundException, ValidationException."""
    analyzer = with_arn(ctx, request["resourceArn"])
    tags = {**analyzer.tags, **request["tags"]}
    require_tags(tags)
    ctx.store.analyzers.replace(replace(analyzer, tags=tags))


@accessanalyzer.operation("UntagResource", access=Access.TAGGING, resource=_arn, conditions=_untagging)
def untag_resource(ctx: Context, request: shapes.UntagResourceRequest) -> None:
    """Keys that are not there do not matter. Raises ResourceNotFoundException."""
    analyzer = with_arn(ctx, request["resourceArn"])
    kept = {key: value for key, value in analyzer.tags.items() if key not in request["tagKeys"]}
    ctx.store.analyzers.replace(replace(analyzer, tags=kept))


@accessanalyzer.operation("ListTagsForResource", access=Access.READ, resource=_arn, conditions=resource_tags)
def list_tags_for_resource(ctx: Context, request: shapes.ListTagsForResourceRequest) -> shapes.ListTagsForResourceResponse:
    """Raises ResourceNotFoundException."""
    return {"tags": dict(with_arn(ctx, request["resourceArn"]).tags)}
