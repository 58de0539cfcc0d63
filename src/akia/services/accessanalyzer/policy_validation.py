"""ValidatePolicy: findings about a policy before it is saved (P5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from akia.aws.errors import ValidationError
from akia.operation import Access, Context, everything
from akia.policy.findings import PolicyType, validate
from akia.services.accessanalyzer._accessanalyzer import accessanalyzer, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings import Finding, Location, Place
    from akia.policy.positions import Position
    from akia.wire.shapes import accessanalyzer as shapes


@accessanalyzer.operation("ValidatePolicy", access=Access.READ, resource=everything)
def validate_policy(ctx: Context, request: shapes.ValidatePolicyRequest) -> shapes.ValidatePolicyResponse:
    """Findings, errors first, in English whatever the locale. A document that cannot be read has one finding: where its syntax fails.

    Raises ValidationException (token, maxResults, a resource type with a policy that is not of a resource).
    """
    kind, resource_type = PolicyType(request["policyType"]), request.get("validatePolicyResourceType")
    if resource_type is not None and kind is not PolicyType.RESOURCE:
        raise ValidationError("validatePolicyResourceType is supported for the policyType RESOURCE_POLICY only.")
    shown, more = page(ctx, "validation", request, validate(request["policyDocument"], kind, resource_type))
    return cast("shapes.ValidatePolicyResponse", {"findings": [_finding(finding) for finding in shown], **more})


def _finding(finding: Finding) -> shapes.ValidatePolicyFinding:
    return {
        "findingDetails": finding.details,
        "findingType": finding.type.value,
        "issueCode": finding.code,
        "learnMoreLink": finding.link,
        "locations": [_location(location) for location in finding.locations],
    }


def _location(location: Location) -> shapes.Location:
    span = location.span
    return {"path": list(_path(location.place)), "span": {"start": _position(span.start), "end": _position(span.end)}}


def _path(place: Place) -> Iterator[shapes.PathElement]:
    """Members are `value`s; the last one is a `key` if its name is meant and not its value."""
    for depth, step in enumerate(place.path):
        if isinstance(step, int):
            yield {"index": step}
        elif place.is_name and depth == len(place.path) - 1:
            yield {"key": step}
        else:
            yield {"value": step}
    if place.length is not None:
        yield {"substring": {"start": place.start, "length": place.length}}


def _position(position: Position) -> shapes.Position:
    return {"line": position.line, "column": position.column, "offset": position.offset}
