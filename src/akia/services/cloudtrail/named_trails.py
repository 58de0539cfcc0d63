"""Which trail a request means, by its name or its ARN, and who may see or change it.

A trail of all regions shows in each of them, and one of an organization in each of its accounts; both are changed at home only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.identity.trail import Trail, name_problem
from akia.services.cloudtrail.trail_errors import (
    CloudTrailARNInvalidException,
    InvalidHomeRegionException,
    InvalidTrailNameException,
    NotOrganizationMasterAccountException,
    TrailNotFoundException,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.operation import Conditions, Context

_ARN = re.compile(r"arn:[a-z-]+:cloudtrail:[a-z0-9-]+:[0-9]{12}:trail/.+", re.ASCII)


def trail_arn(ctx: Context, text: str) -> str:
    """The ARN that `text` is, or that of the trail of this name in the account and region of the call. Never raises."""
    return text if text.startswith("arn:") else str(Arn("cloudtrail", ctx.facts.region, ctx.account, f"trail/{text}"))


def arn_of_valid(ctx: Context, text: str) -> str:
    """The same, of what a trail can be called. Raises CloudTrailARNInvalidException, InvalidTrailNameException."""
    _valid(ctx, text)
    return trail_arn(ctx, text)


def in_member(member: str) -> Callable[[Context, Mapping[str, Any]], str]:
    """The resource of operations whose input names the trail in `member`; `*` if it is left out."""
    return lambda ctx, request: trail_arn(ctx, request[member]) if request.get(member) else "*"


def tags_in_member(member: str) -> Callable[[Context, Mapping[str, Any]], Conditions]:
    """`aws:ResourceTag/k` of the trail that the input names in `member`; nothing if there is none."""

    def conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
        arn = _parts(trail_arn(ctx, request.get(member) or ""))
        trail = ctx.store.trails.get(*arn) if arn is not None and arn[0] == ctx.account else None
        return {f"aws:resourcetag/{key.lower()}": value for key, value in trail.tags.items()} if trail else {}

    return conditions


def seen(ctx: Context, text: str) -> Trail:
    """The trail that the caller may look at. Raises CloudTrailARNInvalidException, InvalidTrailNameException, TrailNotFoundException."""
    trail = ctx.store.trails.get(*_valid(ctx, text))
    if trail is None or not _shows(ctx, trail):
        raise TrailNotFoundException(f"Unknown trail: {trail_arn(ctx, text)} for the user: {ctx.account}")
    return trail


def owned(ctx: Context, text: str) -> Trail:
    """The trail that the caller may change. Raises as `seen`, and InvalidHomeRegionException, NotOrganizationMasterAccountException."""
    trail = seen(ctx, text)
    if trail.account != ctx.account:
        raise NotOrganizationMasterAccountException("Only the management account of the organization can change an organization trail.")
    if trail.region != ctx.facts.region:
        raise InvalidHomeRegionException(
            f"Trail: {trail.arn} HomeRegion: {trail.region} is not the same as the region that the request was sent to: {ctx.facts.region}"
        )
    return trail


def all_seen(ctx: Context) -> list[Trail]:
    """Every trail that the caller may look at from the region of the call: the account's own, then its organization's."""
    own = ctx.store.trails.of(ctx.account)
    organization = ctx.store.organizations.of_account(ctx.account)
    above = organization.management_account if organization else ctx.account
    others = [trail for trail in ctx.store.trails.of(above) if trail.organization] if above != ctx.account else []
    return [trail for trail in (*own, *others) if _is_here(ctx, trail)]


def _shows(ctx: Context, trail: Trail) -> bool:
    return _is_here(ctx, trail) and (trail.account == ctx.account or (trail.organization and _is_above(ctx, trail)))


def _is_here(ctx: Context, trail: Trail) -> bool:
    return trail.multi_region or trail.region == ctx.facts.region


def _is_above(ctx: Context, trail: Trail) -> bool:
    organization = ctx.store.organizations.of_account(ctx.account)
    return organization is not None and organization.management_account == trail.account


def _valid(ctx: Context, text: str) -> tuple[str, str, str]:
    if text.startswith("arn:"):
        parts = _parts(text)
        if parts is None:
            raise CloudTrailARNInvalidException(f"Not a valid ARN: {text}")
        return parts
    return ctx.account, ctx.facts.region, valid_name(text)


def valid_name(name: str) -> str:
    """`name`, if a trail can have it. Raises InvalidTrailNameException."""
    problem = name_problem(name)
    if problem is not None:
        raise InvalidTrailNameException(problem)
    return name


def _parts(arn: str) -> tuple[str, str, str] | None:
    """Account, region and name."""
    if _ARN.fullmatch(arn) is None:
        return None
    parsed = Arn.parse(arn)
    return parsed.account, parsed.region, parsed.resource.removeprefix("trail/")
