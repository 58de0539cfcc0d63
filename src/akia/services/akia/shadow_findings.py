"""What shadow policies would have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from akia.operation import Access
from akia.services.akia._akia import (
    ALLOWED,
    OUTCOMES,
    akia,
    change,
    cut,
    deciding,
    limit_of,
    milliseconds,
    position_of,
    target_arn,
    target_of,
    utc,
)
from akia.services.akia.shadow_policies import shadow_named, shown

if TYPE_CHECKING:
    from akia.identity.shadow_policy import ShadowFinding, ShadowSummary
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes

_END_OF_TIME = 2**62


@akia.operation("GetShadowReport", access=Access.READ, resource=target_arn)
def get_shadow_report(ctx: Context, request: shapes.GetShadowReportRequest) -> shapes.GetShadowReportResponse:
    """Every request that was answered before this one counts. Raises ResourceNotFoundException."""
    target = target_of(ctx, request["TargetArn"])
    shadow = shadow_named(ctx, target, request["Name"])
    ctx.authority.drain_journals()
    counts = ctx.store.shadow_findings.counts(shadow.id)
    found, limit = ctx.store.shadow_findings.summary(shadow.id, limit_of(request) + 1), limit_of(request)
    return {
        "ShadowPolicy": shown(shadow, target, in_full=True),
        "NewlyAllowedCount": counts.get(ALLOWED, 0),
        "NewlyDeniedCount": sum(counts.values()) - counts.get(ALLOWED, 0),
        "Summaries": [_summary(summary) for summary in found[:limit]],
        "IsTruncated": len(found) > limit,
    }


@akia.operation("ListShadowFindings", access=Access.READ, resource=target_arn)
def list_shadow_findings(ctx: Context, request: shapes.ListShadowFindingsRequest) -> shapes.ListShadowFindingsResponse:
    """One for each decision that would have been another, newest first. Raises ResourceNotFoundException, ValidationError (token)."""
    shadow = shadow_named(ctx, target_of(ctx, request["TargetArn"]), request["Name"])
    at_ms, event_id, place = position_of(ctx, "shadow findings", request) or (_END_OF_TIME, "", 0)
    start, end = request.get("StartTime"), request.get("EndTime")
    ctx.authority.drain_journals()
    found = ctx.store.shadow_findings.page(
        shadow.id,
        OUTCOMES[request.get("Change")],
        milliseconds(start) if start is not None else 0,
        milliseconds(end) if end is not None else _END_OF_TIME,
        (at_ms, event_id, place),
        limit_of(request) + 1,
    )
    page, more = cut(ctx, "shadow findings", request, found, lambda finding: (finding.at_ms, finding.event_id, finding.place))
    return cast("shapes.ListShadowFindingsResponse", {"Findings": [_finding(finding) for finding in page], **more})


def _finding(finding: ShadowFinding) -> shapes.ShadowFinding:
    return {
        "EventId": finding.event_id,
        "EventTime": utc(finding.at_ms),
        "PrincipalArn": finding.principal,
        "Action": finding.action,
        "Resource": finding.resource,
        "Change": change(finding.shadow),
        "EnforcedDecision": finding.enforced,
        "ShadowDecision": finding.shadow,
        "DecidingStatements": deciding(finding.statements),
    }


def _summary(summary: ShadowSummary) -> shapes.ShadowSummary:
    return {
        "PrincipalArn": summary.principal,
        "Action": summary.action,
        "Resource": summary.resource,
        "Change": change(summary.shadow),
        "Count": summary.number,
        "FirstTime": utc(summary.first_ms),
        "LastTime": utc(summary.last_ms),
    }
