"""Which dashboard a request means, by its name or its ARN. A dashboard shows in its own account and region only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.identity.dashboard import dashboard_name
from akia.services.cloudtrail.trail_errors import ResourceNotFoundException

if TYPE_CHECKING:
    from akia.identity.dashboard import Dashboard
    from akia.operation import Conditions, Context


def dashboard_arn(ctx: Context, text: str) -> str:
    """The ARN that `text` is, or that of the dashboard of this name in the account and region of the call. Never raises."""
    return text if text.startswith("arn:") else str(Arn("cloudtrail", ctx.facts.region, ctx.account, f"dashboard/{text}"))


def tags_of_dashboard(ctx: Context, text: str) -> Conditions:
    """`aws:ResourceTag/k` of the dashboard that `text` names; nothing if there is none. Never raises."""
    found = find_dashboard(ctx, text)
    return {f"aws:resourcetag/{key.lower()}": value for key, value in found.tags.items()} if found else {}


def find_dashboard(ctx: Context, text: str) -> Dashboard | None:
    """The dashboard that `text` names. Never raises."""
    found = ctx.store.dashboards.get(ctx.account, ctx.facts.region, dashboard_name(text))
    return found if found is not None and str(found.arn) == dashboard_arn(ctx, text) else None


def the_dashboard(ctx: Context, text: str) -> Dashboard:
    """Raises ResourceNotFoundException."""
    found = find_dashboard(ctx, text)
    if found is None:
        raise ResourceNotFoundException(f"The dashboard {dashboard_arn(ctx, text)} does not exist.")
    return found
