"""Limits: how often anything may be called. What the account sets counts from the next request on, in every worker."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, cast

from akia.authority.limits_file import HIGHEST_RATE, LOWEST_RATE, canonical_action, usual_burst
from akia.aws.errors import ValidationError
from akia.aws.ids import Prefix
from akia.identity.account import root_arn
from akia.identity.limit import EACH, Limit, Scope
from akia.identity.role import Role
from akia.identity.user import User
from akia.operation import Access, everything
from akia.services.akia._akia import (
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    akia,
    cut,
    limit_of,
    position_of,
    target_of,
    utc,
)
from akia.throttle import use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.authority.limits import InForce
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes

    Named = shapes.PutLimitRequest | shapes.DeleteLimitRequest


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The resource: `limit/<scope>/<action or subject>`."""
    return f"arn:aws:akia::{ctx.account}:limit/{request['Scope']}/{request.get('Action') or request.get('Subject') or 'each'}"


def _about(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    if request["Scope"] == Scope.KEY and "Subject" in request:
        yield "AWS::IAM::AccessKey", request["Subject"]


@akia.operation("PutLimit", access=Access.WRITE, resource=_arn, event_resources=_about)
def put_limit(ctx: Context, request: shapes.PutLimitRequest) -> shapes.PutLimitResponse:
    """Set a limit, or another rate for one that is set; what was used up of it stays so.

    Raises ResourceNotFoundException, ServiceQuotaExceededException, ValidationError.
    """
    scope, subject, action = _named(ctx, request)
    rate, burst, daily = _bounds(scope, request)
    with_whom = {"identity": subject} if subject[:4] in (Prefix.USER, Prefix.ROLE) else {}
    if scope is Scope.KEY and subject != EACH:
        with_whom = {"access_key": subject}
    limit = Limit(ctx.account, scope.value, subject, action, rate, burst, daily, ctx.now, **with_whom)
    most = ctx.authority.quotas.limits_per_account
    if ctx.store.limits.get(*limit.key) is None and ctx.store.limits.count(ctx.account) >= most:
        raise ServiceQuotaExceededException(f"There are {most} limits in this account already.")
    ctx.store.limits.put(limit)
    return {"Limit": _shown(ctx, ctx.authority.limits.of_account(ctx.account, ctx.store).listed_own(limit))}


@akia.operation("DeleteLimit", access=Access.WRITE, resource=_arn, event_resources=_about)
def delete_limit(ctx: Context, request: shapes.DeleteLimitRequest) -> None:
    """What AWS publishes and what the operator has set is nobody's to remove. Raises ResourceNotFoundException, ValidationError."""
    scope, subject, action = _named(ctx, request)
    if not ctx.store.limits.delete(ctx.account, scope.value, subject, action):
        raise ResourceNotFoundException("The account has set no such limit.")


@akia.operation("ListLimits", access=Access.LIST, resource=everything)
def list_limits(ctx: Context, request: shapes.ListLimitsRequest) -> shapes.ListLimitsResponse:
    """All that hold in the account, by scope, subject, action and source. Raises ValidationError (token)."""
    after = tuple(position_of(ctx, "limits", request) or ())
    wanted = request.get("Scope")
    listed = sorted(ctx.authority.limits.of_account(ctx.account, ctx.store).listed(), key=_place)
    found = [each for each in listed if _place(each) > after and wanted in (None, each.scope)]
    page, more = cut(ctx, "limits", request, found[: limit_of(request) + 1], _place)
    return cast("shapes.ListLimitsResponse", {"Limits": [_shown(ctx, each) for each in page], **more})


def _place(limit: InForce) -> tuple[str, ...]:
    return limit.scope.value, limit.subject, limit.action, limit.source


def _named(ctx: Context, request: Named) -> tuple[Scope, str, str]:
    """Scope, subject and action of the limit that is meant. Raises ResourceNotFoundException, ValidationError."""
    scope = Scope(request["Scope"])
    if scope is Scope.ACCOUNT_OPERATION:
        if "Subject" in request or "Action" not in request:
            raise ValidationError("A limit of the scope ACCOUNT_OPERATION has an Action and no Subject.")
        action = canonical_action(request["Action"])
        if action is None:
            raise ValidationError(f"There is no action {request['Action']}.")
        return scope, EACH, action
    if "Action" in request:
        raise ValidationError("Only a limit of the scope ACCOUNT_OPERATION has an Action.")
    return scope, _subject(ctx, scope, request["Subject"]) if "Subject" in request else EACH, ""


def _subject(ctx: Context, scope: Scope, text: str) -> str:
    """How the store calls it: principals by their unique ids, which no later namesake has."""
    if scope is Scope.KEY:
        key = ctx.store.access_keys.get(text)
        if key is None or key.account != ctx.account:
            raise ResourceNotFoundException(f"There is no access key {text} in this account.")
        return key.id
    if scope is Scope.ADDRESS:
        return _network(text)
    if text == str(root_arn(ctx.account)):
        return ctx.account
    target = target_of(ctx, text)
    if not isinstance(target, User | Role):
        raise ValidationError(f"{text} is neither a user nor a role.")
    return target.id


def _network(text: str) -> str:
    """A network of addresses that are told apart: of IPv6 a /64 at least. IPv4 has one spelling, as in what requests come from."""
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValidationError(f"{text} is neither an address nor a network: {error}.") from None
    if network.version == 4:
        return str(network)
    mapped = network.network_address.ipv4_mapped
    if mapped is not None and network.prefixlen >= 96:
        return str(ip_network((mapped, network.prefixlen - 96)))
    return str(network if network.prefixlen <= 64 else network.supernet(new_prefix=64))


def _bounds(scope: Scope, request: shapes.PutLimitRequest) -> tuple[int, int, int]:
    """Rate in thousandths, burst, budget. Raises ValidationError."""
    rate, daily = request.get("Rate"), request.get("DailyBudget", 0)
    if daily and scope is not Scope.KEY:
        raise ValidationError("Only a limit of the scope KEY has a DailyBudget.")
    if rate is None and (not daily or "Burst" in request):
        raise ValidationError("Give a Rate" + (", a DailyBudget or both." if scope is Scope.KEY else "."))
    if rate is not None and not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise ValidationError(f"Rate must be from {LOWEST_RATE} to {HIGHEST_RATE:.0f}.")
    return round((rate or 0) * 1000), request.get("Burst", usual_burst(rate or 0)), daily


def _shown(ctx: Context, limit: InForce) -> shapes.Limit:
    limiter, bound = ctx.authority.limits.limiter, limit.bound
    told: dict[str, Any] = {"Scope": limit.scope.value, "Source": limit.source, "ThrottledCount": limiter.refusals(limit.claim.limit)}
    optional = {
        "Subject": _subject_shown(ctx, limit),
        "Action": limit.action,
        "Rate": bound.rate,
        "Burst": int(bound.burst) if bound.rate else 0,
        "DailyBudget": bound.daily,
    }
    told |= {name: value for name, value in optional.items() if value}
    if limit.has_one_bucket:
        level = limiter.level(limit.claim, ctx.authority.limits.clock(), ctx.now // 86_400)
        told["UsedPercent"] = min(100, round(100 * use(limit.claim.allowance, level)))
        if bound.daily:
            told["UsedToday"] = level.used
    if limit.created:
        told["CreateDate"] = utc(limit.created * 1000)
    return cast("shapes.Limit", told)


def _subject_shown(ctx: Context, limit: InForce) -> str:
    if limit.scope is not Scope.PRINCIPAL or limit.subject == EACH:
        return limit.subject
    if limit.subject == ctx.account:
        return str(root_arn(ctx.account))
    found = ctx.store.users.with_id(limit.subject) or ctx.store.roles.with_id(limit.subject)
    return str(found.arn) if found is not None else limit.subject
