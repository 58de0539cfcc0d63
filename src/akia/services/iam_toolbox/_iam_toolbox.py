"""What the toolbox's operations share: the registry, and the decision record of a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import AwsError
from akia.operation import Operations

if TYPE_CHECKING:
    from akia.operation import Context
    from akia.store.trail.event_row import EventRow

iam_toolbox = Operations("iam-toolbox", prefix="iam")

Decided = dict[str, Any]
"""One decision record, as `akia.authority` has written it."""

_ID = re.compile("([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})", re.ASCII)


class ResourceNotFoundException(AwsError):
    code, status = "ResourceNotFoundException", 404


def decisions_of(ctx: Context, authorization_id: str) -> list[Decided]:
    """The decisions on a request of the caller's account or organization (AC13.4). Its id is the request's or its event's, without the
    hyphens.

    Raises ResourceNotFoundException for a request that is unknown, a stranger's, or about which no policy was asked.
    """
    found = _ID.fullmatch(authorization_id)
    ctx.authority.drain_journals()
    for event in _events(ctx, "-".join(found.groups())) if found else ():
        decisions: list[Decided] = orjson.loads(event.decision)
        if decisions and (event.account == ctx.account or _are_of_one_organization(ctx, event.account)):
            return decisions
    raise ResourceNotFoundException(f"No authorization details were found for {authorization_id}.")


def _events(ctx: Context, id_: str) -> list[EventRow]:
    """The event of that id, or else the events of the request of that id."""
    event = ctx.store.events.get(id_)
    return [event] if event is not None else ctx.store.events.by_request_id(id_)


def _are_of_one_organization(ctx: Context, account: str) -> bool:
    own, other = ctx.caller.standing.organization.place, ctx.store.organizations.place_of(account)
    return own is not None and other is not None and own.organization.id == other.organization.id
