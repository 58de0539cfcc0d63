"""Handshakes as both sides see them: what they look like, whose they are, and how they are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.organization_errors import HandshakeAlreadyInState, HandshakeNotFound, InvalidHandshakeTransition
from akia.identity.handshake import ENABLE_ALL_FEATURES, INVITE, PENDING, Handshake
from akia.operation import Access
from akia.services.organizations import pages
from akia.services.organizations._organizations import Reach, found_organization, operation, organizations, utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes


def shown(ctx: Context, handshake: Handshake) -> shapes.Handshake:
    """A handshake as the wire shows it."""
    parties: list[shapes.HandshakeParty] = [{"Id": handshake.organization, "Type": "ORGANIZATION"}]
    if handshake.action != ENABLE_ALL_FEATURES:
        parties.append({"Id": handshake.target or handshake.account, "Type": handshake.target_type or "ACCOUNT"})
    return {
        "Id": handshake.id,
        "Arn": str(handshake.arn),
        "Parties": parties,
        "State": handshake.state_at(ctx.now),
        "RequestedTimestamp": utc(handshake.requested),
        "ExpirationTimestamp": utc(handshake.expires),
        "Action": handshake.action,
        "Resources": _resources(ctx, handshake),
    }


def _resources(ctx: Context, handshake: Handshake) -> list[shapes.HandshakeResource]:
    organization: shapes.HandshakeResource = {"Type": "ORGANIZATION", "Value": handshake.organization}
    management = ctx.store.accounts.get(handshake.management_account)
    if management is not None:
        email: list[shapes.HandshakeResource] = [{"Type": "MASTER_EMAIL", "Value": management.email}] if management.email else []
        organization["Resources"] = [*email, {"Type": "MASTER_NAME", "Value": management.name}]
    found = [organization]
    if handshake.action == INVITE:
        found.append({"Type": handshake.target_type, "Value": handshake.target})
    if handshake.notes:
        found.append({"Type": "NOTES", "Value": handshake.notes})
    if handshake.parent:
        found.append({"Type": "PARENT_HANDSHAKE", "Value": handshake.parent})
    return found


def visible(ctx: Context, handshake_id: str) -> Handshake:
    """The handshake, if the caller's account is a party to it. Raises HandshakeNotFound."""
    handshake = ctx.store.handshakes.get(handshake_id)
    if handshake is None or ctx.account not in (handshake.account, handshake.management_account):
        raise HandshakeNotFound
    return handshake


def require_pending(ctx: Context, handshake: Handshake, wanted: str) -> None:
    """That it can still become `wanted`. Raises HandshakeAlreadyInState, InvalidHandshakeTransition."""
    state = handshake.state_at(ctx.now)
    if state == wanted:
        raise HandshakeAlreadyInState
    if state not in PENDING:
        raise InvalidHandshakeTransition


def handshake_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the handshake that a request names; of one that is not the caller's, as if it were an invitation of nobody's."""
    handshake = ctx.look_up("handshakes", request["HandshakeId"], lambda _, name: ctx.store.handshakes.get(name))
    if handshake is not None and ctx.account in (handshake.account, handshake.management_account):
        return str(handshake.arn)
    organization = found_organization(ctx)
    owner = organization.management_account if organization is not None else ctx.account
    return f"arn:aws:organizations::{owner}:handshake/{organization.id if organization else 'o-0000000000'}/invite/{request['HandshakeId']}"


@organizations.operation("DescribeHandshake", access=Access.READ, resource=handshake_arn)
def describe_handshake(ctx: Context, request: shapes.DescribeHandshakeRequest) -> shapes.DescribeHandshakeResponse:
    """For both parties. Raises HandshakeNotFound."""
    return {"Handshake": shown(ctx, visible(ctx, request["HandshakeId"]))}


@organizations.operation("ListHandshakesForAccount", access=Access.LIST, resource=lambda ctx, request: "*")
def list_for_account(ctx: Context, request: shapes.ListHandshakesForAccountRequest) -> shapes.ListHandshakesForAccountResponse:
    """Those that the caller's account is to answer, by id; a page may hold fewer than asked for (W6.8). Raises InvalidInput (token)."""
    found, end = pages.page(
        request, "handshakes of the account", lambda after, limit: ctx.store.handshakes.of_account(ctx.account, after, limit), _id
    )
    return {"Handshakes": [shown(ctx, each) for each in _matching(request, found)], **end}


@operation("ListHandshakesForOrganization", access=Access.LIST, reach=Reach.DELEGATES)
def list_for_organization(
    ctx: Context, organization: Organization, request: shapes.ListHandshakesForOrganizationRequest
) -> shapes.ListHandshakesForOrganizationResponse:
    """Those that the organization began, by id; a page may hold fewer than asked for (W6.8). Raises InvalidInput (token)."""
    found, end = pages.page(
        request,
        "handshakes of the organization",
        lambda after, limit: ctx.store.handshakes.of_organization(organization.id, after, limit),
        _id,
    )
    return {"Handshakes": [shown(ctx, each) for each in _matching(request, found)], **end}


def _id(handshake: Handshake) -> str:
    return handshake.id


def _matching(request: Mapping[str, Any], found: Sequence[Handshake]) -> list[Handshake]:
    wanted = request.get("Filter", {})
    action, parent = wanted.get("ActionType"), wanted.get("ParentHandshakeId")
    return [each for each in found if action in (None, each.action) and parent in (None, each.parent)]
