"""Alerts on suspicious use. Rules raise them beside requests, a second or two after the event (`akia.jobs.evaluate_rules`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.arn import Arn
from akia.identity.alert import AlertStatus
from akia.operation import Access, everything
from akia.services.akia._akia import ResourceNotFoundException, akia, cut, limit_of, position_of, utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.alert import Alert
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes

_BEHIND_ALL = "~"
"""Comes after every id."""


def _alert_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(Arn("akia", "", ctx.account, f"alert/{request['AlertId']}"))


@akia.operation("ListAlerts", access=Access.LIST, resource=everything)
def list_alerts(ctx: Context, request: shapes.ListAlertsRequest) -> shapes.ListAlertsResponse:
    """Of one status, or of any. Raises ValidationError (token)."""
    before = position_of(ctx, "alerts", request) or _BEHIND_ALL
    found = ctx.store.alerts.newest(ctx.account, request.get("Status", ""), before, limit_of(request) + 1)
    page, more = cut(ctx, "alerts", request, found, lambda alert: alert.id)
    return cast("shapes.ListAlertsResponse", {"Alerts": [_shown(alert) for alert in page], **more})


@akia.operation("GetAlert", access=Access.READ, resource=_alert_arn)
def get_alert(ctx: Context, request: shapes.GetAlertRequest) -> shapes.GetAlertResponse:
    """Raises ResourceNotFoundException."""
    return {"Alert": _shown(_alert(ctx, request["AlertId"]))}


@akia.operation("AcknowledgeAlert", access=Access.WRITE, resource=_alert_arn)
def acknowledge_alert(ctx: Context, request: shapes.AcknowledgeAlertRequest) -> shapes.AcknowledgeAlertResponse:
    """Who is first stays the one who did; a later note takes the place of an earlier one. Raises ResourceNotFoundException."""
    alert = _alert(ctx, request["AlertId"])
    who, when = str(ctx.caller.principal.arn), ctx.now
    if alert.status == AlertStatus.ACKNOWLEDGED:
        who, when = alert.acknowledged_by, alert.acknowledged
    seen = alert.seen_by(who, when, request.get("Note", alert.note))
    ctx.store.alerts.replace(seen)
    return {"Alert": _shown(seen)}


def _alert(ctx: Context, alert_id: str) -> Alert:
    """One of the caller's account. Raises ResourceNotFoundException."""
    alert = ctx.store.alerts.get(alert_id)
    if alert is None or alert.account != ctx.account:
        raise ResourceNotFoundException(f"There is no alert {alert_id}.")
    return alert


def _shown(alert: Alert) -> shapes.Alert:
    told: dict[str, Any] = {
        "AlertId": alert.id,
        "Rule": alert.rule,
        "Severity": alert.severity,
        "Status": alert.status,
        "Subject": alert.subject,
        "Summary": alert.summary,
        "FirstTime": utc(alert.first_ms),
        "LastTime": utc(alert.last_ms),
        "Count": alert.count,
        "EventIds": alert.events,
    }
    optional = {"Detail": alert.detail, "Response": alert.response, "AcknowledgedBy": alert.acknowledged_by, "Note": alert.note}
    told |= {name: value for name, value in optional.items() if value}
    if alert.acknowledged:
        told["AcknowledgedAt"] = utc(alert.acknowledged * 1000)
    return cast("shapes.Alert", told)
