"""Invitations, and the answers to all handshakes: InviteAccountToOrganization, AcceptHandshake, DeclineHandshake, CancelHandshake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from akia.aws.errors import AccessDenied
from akia.aws.organization_errors import DuplicateHandshake, HandshakeConstraintViolation, HandshakeNotFound, InvalidInput
from akia.identity.handshake import (
    ACCEPTED,
    APPROVE_ALL_FEATURES,
    CANCELED,
    DECLINED,
    ENABLE_ALL_FEATURES,
    INVITE,
    OPEN,
    PENDING,
    Handshake,
)
from akia.operation import Access
from akia.services.organizations import features, handshakes, tags
from akia.services.organizations._organizations import NOT_YOURS, Reach, found_organization, new_id, operation, organizations, tagging
from akia.services.organizations.membership import INVITED, join, require_room_for_account

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

SECONDS = 15 * 86_400
EVERY = 1_000_000


def _invited_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The account as it will be named once it is in the caller's organization; `*` for an address."""
    target, organization = request["Target"], found_organization(ctx)
    if target["Type"] != "ACCOUNT" or organization is None:
        return "*"
    return organization.arn("account", target["Id"])


@operation("InviteAccountToOrganization", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_invited_arn, also=tagging("account"))
def invite(
    ctx: Context, organization: Organization, request: shapes.InviteAccountToOrganizationRequest
) -> shapes.InviteAccountToOrganizationResponse:
    """Only accounts of this akia can be invited. Raises InvalidInput, HandshakeConstraintViolation, DuplicateHandshake,
    ConstraintViolation."""
    target = request["Target"]
    account = _account(ctx, target["Id"], target["Type"])
    given = tags.given(ctx, request.get("Tags", []))
    require_room_for_account(ctx, organization)
    _require_invitable(ctx, organization, account)
    made = Handshake(
        id=new_id("h-", 32),
        organization=organization.id,
        management_account=organization.management_account,
        account=account,
        action=INVITE,
        state=OPEN,
        requested=ctx.now,
        expires=ctx.now + SECONDS,
        target=target["Id"],
        target_type=target["Type"],
        notes=request.get("Notes", ""),
        tags=orjson.dumps(given).decode(),
    )
    ctx.store.handshakes.add(made)
    return {"Handshake": handshakes.shown(ctx, made)}


def _account(ctx: Context, target: str, kind: str) -> str:
    """The id of the account that is meant. Raises InvalidInput if there is none here."""
    if kind == "ORGANIZATION":
        raise InvalidInput(
            "INVALID_PARTY_TYPE_TARGET", "You specified the wrong type of entity (account, organization, or email) as a party."
        )
    found = ctx.store.accounts.get(target) if kind == "ACCOUNT" else ctx.store.accounts.by_email(target.lower())
    if found is None or found.closed is not None:
        raise InvalidInput("TARGET_NOT_SUPPORTED", "You can't perform the specified operation on that target entity.")
    return found.id


def _require_invitable(ctx: Context, organization: Organization, account: str) -> None:
    member = ctx.store.members.get(account)
    if member is not None and member.organization == organization.id:
        raise HandshakeConstraintViolation("ALREADY_IN_AN_ORGANIZATION", "The account is already a member of the organization.")
    if features.is_under_way(ctx, organization):
        raise HandshakeConstraintViolation(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", "No account can be invited while all features are being enabled."
        )
    pending = ctx.store.handshakes.of_account(account, limit=EVERY)
    if any(each.organization == organization.id and each.action == INVITE and each.state_at(ctx.now) in PENDING for each in pending):
        raise DuplicateHandshake


@organizations.operation("AcceptHandshake", access=Access.WRITE, resource=handshakes.handshake_arn)
def accept(ctx: Context, request: shapes.AcceptHandshakeRequest) -> shapes.AcceptHandshakeResponse:
    """By who was asked. Raises HandshakeNotFound, AccessDenied, HandshakeAlreadyInState, InvalidHandshakeTransition,
    HandshakeConstraintViolation, ConstraintViolation."""
    handshake = _to_answer(ctx, request["HandshakeId"])
    handshakes.require_pending(ctx, handshake, ACCEPTED)
    if handshake.action == INVITE:
        _enter(ctx, handshake)
    elif handshake.action == APPROVE_ALL_FEATURES:
        features.approve(ctx, handshake)
    else:
        features.finish(ctx, handshake)
    return {"Handshake": _answered(ctx, handshake, ACCEPTED)}


def _enter(ctx: Context, handshake: Handshake) -> None:
    organization = ctx.store.organizations.get(handshake.organization)
    if organization is None:
        raise HandshakeNotFound
    if ctx.store.members.get(handshake.account) is not None:
        raise HandshakeConstraintViolation("ALREADY_IN_AN_ORGANIZATION", "The account is already a member of an organization.")
    require_room_for_account(ctx, organization)
    join(ctx, organization, handshake.account, INVITED)
    ctx.store.organization_tags.put(handshake.account, organization.id, orjson.loads(handshake.tags))


@organizations.operation("DeclineHandshake", access=Access.WRITE, resource=handshakes.handshake_arn)
def decline(ctx: Context, request: shapes.DeclineHandshakeRequest) -> shapes.DeclineHandshakeResponse:
    """By who was asked. Raises HandshakeNotFound, AccessDenied, HandshakeAlreadyInState, InvalidHandshakeTransition."""
    handshake = _to_answer(ctx, request["HandshakeId"])
    handshakes.require_pending(ctx, handshake, DECLINED)
    return {"Handshake": _answered(ctx, handshake, DECLINED)}


@operation("CancelHandshake", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=handshakes.handshake_arn)
def cancel(ctx: Context, organization: Organization, request: shapes.CancelHandshakeRequest) -> shapes.CancelHandshakeResponse:
    """By who began it; with all its parts. Raises HandshakeNotFound, HandshakeAlreadyInState, InvalidHandshakeTransition."""
    handshake = handshakes.visible(ctx, request["HandshakeId"])
    if handshake.organization != organization.id:
        raise HandshakeNotFound
    handshakes.require_pending(ctx, handshake, CANCELED)
    if handshake.action == ENABLE_ALL_FEATURES:
        for part in ctx.store.handshakes.children(handshake):
            ctx.store.handshakes.replace(replace(part, state=CANCELED))
    return {"Handshake": _answered(ctx, handshake, CANCELED)}


def _to_answer(ctx: Context, handshake_id: str) -> Handshake:
    """The handshake, if it is the caller's account that must answer. Raises HandshakeNotFound, AccessDenied."""
    handshake = handshakes.visible(ctx, handshake_id)
    if handshake.account != ctx.account:
        raise AccessDenied(NOT_YOURS)
    return handshake


def _answered(ctx: Context, handshake: Handshake, state: str) -> shapes.Handshake:
    changed = replace(handshake, state=state)
    ctx.store.handshakes.replace(changed)
    return handshakes.shown(ctx, changed)
