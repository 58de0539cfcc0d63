"""Policies of resources whose type is known: what else than that resource they cannot speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.draft import TRUST
from akia.policy.findings.finding import Found, found
from akia.policy.findings.resources import overlap
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Statement

rules = Rules()
_ACTIONS = {
    "AWS::S3::Bucket": ("s3",),
    "AWS::S3::AccessPoint": ("s3",),
    "AWS::S3::MultiRegionAccessPoint": ("s3",),
    "AWS::S3ObjectLambda::AccessPoint": ("s3-object-lambda", "s3"),
    "AWS::DynamoDB::Table": ("dynamodb",),
    TRUST: ("sts",),
}
"""Prefixes of the actions on a resource."""
_ARNS = {
    "AWS::S3::Bucket": "arn:*:s3:::*",
    "AWS::S3::AccessPoint": "arn:*:s3:*:*:accesspoint/*",
    "AWS::S3::MultiRegionAccessPoint": "arn:*:s3::*:accesspoint/*",
    "AWS::S3ObjectLambda::AccessPoint": "arn:*:s3-object-lambda:*:*:accesspoint/*",
    "AWS::DynamoDB::Table": "arn:*:dynamodb:*:*:table/*",
}
"""The resources themselves and what is in them."""


@rules.statement("UNSUPPORTED_ACTION_IN_POLICY")
def actions(statement: Statement) -> Iterator[Found]:
    """Actions of other services are never asked of this resource."""
    resource_type = statement.draft.resource_type or ""
    prefixes = _ACTIONS.get(resource_type)
    for text in statement.texts("Action") if prefixes else ():
        prefix = text.text.partition(":")[0].lower()
        if prefixes and text.text.strip("*") and not any(overlap(prefix, known) for known in prefixes):
            yield found("UNSUPPORTED_ACTION_IN_POLICY", text.place, action=text.text, resource_type=resource_type)


@rules.statement("UNSUPPORTED_RESOURCE_ARN_IN_POLICY")
def resources(statement: Statement) -> Iterator[Found]:
    """ARNs of something else. Malformed ones are judged as ARNs."""
    resource_type = statement.draft.resource_type or ""
    form = _ARNS.get(resource_type)
    for text in statement.texts("Resource", "NotResource") if form else ():
        if form and text.text.count(":") >= 5 and not overlap(text.text, form):
            yield found("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", text.place, resource_type=resource_type)
