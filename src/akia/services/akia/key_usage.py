"""The history of an access key: GetAccessKeyUsage (X16)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import ValidationError
from akia.identity.key_calls import OTHERS, Combination
from akia.operation import Access, Context
from akia.services.akia._akia import ResourceNotFoundException, akia, cut, limit_of, position_of, utc
from akia.services.akia.keys_meant import NO_KEY, about_key, key_arn, key_conditions

if TYPE_CHECKING:
    from akia.identity.key_calls import CallSum
    from akia.wire.shapes import akia as shapes

_FIRST, _LAST = 0, 2**31
_EPOCH = date(1970, 1, 1).toordinal()


@akia.operation("GetAccessKeyUsage", access=Access.READ, resource=key_arn, conditions=key_conditions, event_resources=about_key)
def get_access_key_usage(ctx: Context, request: shapes.GetAccessKeyUsageRequest) -> shapes.GetAccessKeyUsageResponse:
    """Exact up to the call before this, in the order of services and actions. Raises ResourceNotFoundException, ValidationError."""
    key, calls, days = request["AccessKeyId"], ctx.store.key_calls, _days(request)
    after = Combination(*(position_of(ctx, "usage", request) or OTHERS))
    ctx.authority.drain_journals()
    if ctx.store.key_listing.one(ctx.account, key) is None and not calls.any(ctx.account, key):
        raise ResourceNotFoundException(NO_KEY.format(key))
    found = calls.page(ctx.account, key, days, after, limit_of(request) + 1)
    page, more = cut(ctx, "usage", request, found, lambda each: list(each[0]))
    told: dict[str, Any] = {"AccessKeyId": key, "Total": _summed(calls.total(ctx.account, key, days)), **more}
    told["Usages"] = [_usage(*each) for each in page]
    others = calls.others(ctx.account, key, days)
    if others is not None:
        told["Others"] = _summed(others)
    return cast("shapes.GetAccessKeyUsageResponse", told)


def _days(request: shapes.GetAccessKeyUsageRequest) -> tuple[int, int]:
    """The first and the last day that are asked for, counted since 1970. Raises ValidationError."""
    first = _day(request["StartDay"]) if "StartDay" in request else _FIRST
    last = _day(request["EndDay"]) if "EndDay" in request else _LAST
    if last < first:
        raise ValidationError("EndDay is before StartDay.")
    return first, last


def _day(text: str) -> int:
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        raise ValidationError(f"{text} is no day.") from None


def _summed(total: CallSum | None) -> dict[str, Any]:
    if total is None:
        return {"Calls": 0, "Denials": 0}
    return {"Calls": total.calls, "Denials": total.denials, "FirstTime": utc(total.first_ms), "LastTime": utc(total.last_ms)}


def _usage(what: Combination, total: CallSum) -> dict[str, Any]:
    told = {
        "Service": what.service,
        "Action": what.action,
        "Region": what.region,
        "SourceAddress": what.address,
        "UserAgent": what.agent,
    }
    return told | _summed(total)
