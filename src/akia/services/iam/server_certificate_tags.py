"""Tags of server certificates: TagServerCertificate, UntagServerCertificate, ListServerCertificateTags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags
from akia.services.iam.server_certificates import about_certificate, certificate_arn, certificate_conditions, certificate_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**certificate_conditions(ctx, request), **request_tags(request["Tags"])}


def _untagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {**certificate_conditions(ctx, request), "aws:tagkeys": list(request["TagKeys"])}


@iam.operation(
    "TagServerCertificate", access=Access.TAGGING, resource=certificate_arn, conditions=_tagging, event_resources=about_certificate
)
def tag_server_certificate(ctx: Context, request: shapes.TagServerCertificateRequest) -> None:
    """Add tags or change them. Raises NoSuchEntity, InvalidInput, LimitExceeded (P5.4-12)."""
    found = certificate_named(ctx, request["ServerCertificateName"])
    merged = tags.merged(found.tags, request["Tags"], ctx.authority.quotas, tags.exactly)
    ctx.store.server_certificates.replace(replace(found, tags=merged))


@iam.operation(
    "UntagServerCertificate", access=Access.TAGGING, resource=certificate_arn, conditions=_untagging, event_resources=about_certificate
)
def untag_server_certificate(ctx: Context, request: shapes.UntagServerCertificateRequest) -> None:
    """Take tags away; keys that are not there do not matter. Raises NoSuchEntity."""
    found = certificate_named(ctx, request["ServerCertificateName"])
    ctx.store.server_certificates.replace(replace(found, tags=tags.without(found.tags, request["TagKeys"], tags.exactly)))


@iam.operation(
    "ListServerCertificateTags",
    access=Access.LIST,
    resource=certificate_arn,
    conditions=certificate_conditions,
    event_resources=about_certificate,
)
def list_server_certificate_tags(
    ctx: Context, request: shapes.ListServerCertificateTagsRequest
) -> shapes.ListServerCertificateTagsResponse:
    """In the order of keys. Raises NoSuchEntity, ValidationError (marker)."""
    found = certificate_named(ctx, request["ServerCertificateName"])
    shown, end = pages.window(request, f"tags of {found.id}").slice(tags.to_wire(found.tags))
    return {"Tags": list(shown), **end}
