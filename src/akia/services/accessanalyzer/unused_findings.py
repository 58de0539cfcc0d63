"""ListFindingsV2 and GetFindingV2: the findings of an analyzer of unused access."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import ValidationError
from akia.operation import Access, Context
from akia.services.accessanalyzer._accessanalyzer import ResourceNotFoundException, accessanalyzer, page
from akia.services.accessanalyzer.analyzers import resource_tags, with_arn
from akia.services.accessanalyzer.unused_access import UnusedAccess, unused_access

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import accessanalyzer as shapes

_SORTED_BY = frozenset(
    {"id", "findingType", "resource", "resourceType", "resourceOwnerAccount", "status", "createdAt", "updatedAt", "analyzedAt"}
)
_FILTERED_BY = _SORTED_BY - {"createdAt", "updatedAt", "analyzedAt"}


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["analyzerArn"])


@accessanalyzer.operation("ListFindingsV2", action="ListFindings", access=Access.READ, resource=_arn, conditions=resource_tags)
def list_findings(ctx: Context, request: shapes.ListFindingsV2Request) -> shapes.ListFindingsV2Response:
    """Those that every criterion of `filter` fits, in the order asked for. Raises ResourceNotFoundException, ValidationException."""
    criteria, sort = request.get("filter", {}), request.get("sort", {})
    attribute = sort.get("attributeName", "updatedAt")
    if unknown := set(criteria) - _FILTERED_BY | {attribute} - _SORTED_BY:
        raise ValidationError(f"Findings have no attribute {min(unknown)} to filter or sort by.")
    found = [_told(ctx, finding) for finding in unused_access(ctx, with_arn(ctx, request["analyzerArn"]))]
    fitting = [finding for finding in found if all(_fits(finding.get(name), wanted) for name, wanted in criteria.items())]
    fitting.sort(key=lambda finding: (finding[attribute], finding["id"]), reverse=sort.get("orderBy") == "DESC")
    shown, more = page(ctx, "findings", request, fitting)
    return cast("shapes.ListFindingsV2Response", {"findings": shown, **more})


def _fits(value: Any, criterion: Mapping[str, Any]) -> bool:
    tests = {
        "eq": lambda wanted: value in wanted,
        "neq": lambda wanted: value not in wanted,
        "contains": lambda wanted: any(part in str(value) for part in wanted),
        "exists": lambda wanted: (value is not None) is wanted,
    }
    return all(tests[name](wanted) for name, wanted in criterion.items())


@accessanalyzer.operation("GetFindingV2", action="GetFinding", access=Access.READ, resource=_arn, conditions=resource_tags)
def get_finding(ctx: Context, request: shapes.GetFindingV2Request) -> shapes.GetFindingV2Response:
    """With its details, a page at a time. Raises ResourceNotFoundException."""
    for finding in unused_access(ctx, with_arn(ctx, request["analyzerArn"])):
        if finding.id == request["id"]:
            shown, more = page(ctx, "details", request, finding.details)
            return cast("shapes.GetFindingV2Response", {**_told(ctx, finding), "findingDetails": [_timed(each) for each in shown], **more})
    raise ResourceNotFoundException(f"The finding {request['id']} does not exist.")


def _told(ctx: Context, finding: UnusedAccess) -> dict[str, Any]:
    now = _time(ctx.now)
    return {
        "id": finding.id,
        "findingType": finding.type,
        "resource": finding.resource,
        "resourceType": finding.resource_type,
        "resourceOwnerAccount": ctx.account,
        "status": "ACTIVE",
        "createdAt": _time(finding.since),
        "updatedAt": _time(finding.since),
        "analyzedAt": now,
    }


def _timed(value: Any) -> Any:
    """`value` with its times as the wire wants them."""
    if isinstance(value, dict):
        return {name: _time(item) if name == "lastAccessed" else _timed(item) for name, item in value.items()}
    return [_timed(item) for item in value] if isinstance(value, list) else value


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
