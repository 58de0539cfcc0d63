"""Access keys that have leaked (E8, G10): ReportCompromisedKey, GetCompromiseReport, ListCompromiseReports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.authority.containment import QUARANTINE, contain
from akia.aws.arn import Arn
from akia.operation import Access, everything
from akia.services.akia._akia import ResourceNotFoundException, akia, cut, limit_of, position_of, utc
from akia.services.akia.access_keys import told_new_key
from akia.services.akia.keys_meant import about_key, key_arn, key_conditions, key_meant, on_key_owner, user_of_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.compromise_report import CompromiseReport
    from akia.operation import Context, Required
    from akia.wire.shapes import akia as shapes

_LATEST = (2**62, "")


def _as_in_iam(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """What is done to the key and its user, one would need in IAM, too."""
    user = user_of_key(ctx, request)
    attached = {"iam:policyarn": f"arn:aws:iam::aws:policy/{request.get('QuarantinePolicy', QUARANTINE)}"}
    if user is not None and user.boundary:
        attached["iam:permissionsboundary"] = user.boundary
    yield from on_key_owner(ctx, request, "iam:UpdateAccessKey")
    for required in on_key_owner(ctx, request, "iam:AttachUserPolicy"):
        yield replace(required, conditions={**required.conditions, **attached})
    if request.get("OpenReplacement"):
        yield from on_key_owner(ctx, request, "iam:CreateAccessKey")


def _with_last_use(ctx: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the key was used for until now waits in the journals; the report says when that was."""
    ctx.authority.drain_journals()
    return request


@akia.operation(
    "ReportCompromisedKey",
    access=Access.PERMISSIONS,
    resource=key_arn,
    conditions=key_conditions,
    also=_as_in_iam,
    gather=_with_last_use,
    event_resources=about_key,
)
def report_compromised_key(ctx: Context, request: shapes.ReportCompromisedKeyRequest) -> shapes.ReportCompromisedKeyResponse:
    """All of it in this transaction; the very next request of the key or of a session of it is refused.

    Raises ResourceNotFoundException.
    """
    listed = key_meant(ctx, request)
    report, replacement = contain(
        ctx.store,
        listed.key,
        ctx.now,
        reporter=str(ctx.caller.principal.arn),
        note=request.get("Note", ""),
        quarantine=request.get("QuarantinePolicy", QUARANTINE),
        quotas=ctx.authority.quotas if request.get("OpenReplacement") else None,
    )
    told: shapes.ReportCompromisedKeyResponse = {"Report": _shown(report)}
    if replacement is not None:
        told["Replacement"] = told_new_key(listed.user, replacement)
    return told


def _report_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(Arn("akia", "", ctx.account, f"compromise-report/{request['ReportId']}"))


@akia.operation("GetCompromiseReport", access=Access.READ, resource=_report_arn)
def get_compromise_report(ctx: Context, request: shapes.GetCompromiseReportRequest) -> shapes.GetCompromiseReportResponse:
    """Raises ResourceNotFoundException."""
    report = ctx.store.compromise_reports.get(request["ReportId"])
    if report is None or report.account != ctx.account:
        raise ResourceNotFoundException(f"There is no report {request['ReportId']}.")
    return {"Report": _shown(report)}


@akia.operation("ListCompromiseReports", access=Access.LIST, resource=everything)
def list_compromise_reports(ctx: Context, request: shapes.ListCompromiseReportsRequest) -> shapes.ListCompromiseReportsResponse:
    """The latest first. Raises ValidationError (token)."""
    at, report_id = position_of(ctx, "compromise reports", request) or _LATEST
    found = ctx.store.compromise_reports.page(ctx.account, (at, report_id), limit_of(request) + 1)
    page, more = cut(ctx, "compromise reports", request, found, lambda report: (report.reported, report.id))
    return cast("shapes.ListCompromiseReportsResponse", {"Reports": [_shown(report) for report in page], **more})


def _shown(report: CompromiseReport) -> shapes.CompromiseReport:
    optional = {
        "UserName": report.user,
        "Note": report.note,
        "LastUsedAt": utc(report.last_used * 1000) if report.last_used else None,
        "QuarantinePolicyArn": report.quarantine,
        "ReplacementAccessKeyId": report.replacement,
        "ReplacementRefused": report.refused,
    }
    told: dict[str, Any] = {
        "ReportId": report.id,
        "AccessKeyId": report.key_id,
        "ReportedAt": utc(report.reported * 1000),
        "ReportedBy": report.reporter,
        "StatusBefore": report.status,
    }
    return cast("shapes.CompromiseReport", told | {name: value for name, value in optional.items() if value})
