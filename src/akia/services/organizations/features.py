"""From consolidated billing to all features: EnableAllFeatures.

Accounts that were invited must approve, each by a handshake of its own; those that were created need not. When nobody is left to approve,
the management account accepts the first handshake, and all features are on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.aws.organization_errors import HandshakeConstraintViolation, InvalidHandshakeTransition
from akia.identity.handshake import (
    ACCEPTED,
    APPROVE_ALL_FEATURES,
    ENABLE_ALL_FEATURES,
    OPEN,
    PENDING,
    REQUESTED,
    Handshake,
)
from akia.identity.organization import ALL_FEATURES
from akia.operation import Access
from akia.services.organizations import handshakes
from akia.services.organizations._organizations import Reach, new_id, operation
from akia.services.organizations.membership import INVITED

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

SECONDS = 90 * 86_400
EVERY = 1_000_000


@operation("EnableAllFeatures", access=Access.WRITE, reach=Reach.MANAGEMENT)
def enable_all_features(ctx: Context, organization: Organization, request: object) -> shapes.EnableAllFeaturesResponse:
    """Raises HandshakeConstraintViolation if all features are on, or being asked for."""
    if organization.features == ALL_FEATURES:
        raise HandshakeConstraintViolation("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization already has all features enabled.")
    if is_under_way(ctx, organization):
        raise HandshakeConstraintViolation(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", "The process to enable all features is already under way."
        )
    invited = [
        member.account
        for member in ctx.store.members.page(organization.id, limit=EVERY)
        if member.method == INVITED and member.account != organization.management_account
    ]
    main = _handshake(ctx, organization, organization.management_account, ENABLE_ALL_FEATURES, REQUESTED if invited else OPEN)
    for account in invited:
        _handshake(ctx, organization, account, APPROVE_ALL_FEATURES, OPEN, parent=main.id)
    return {"Handshake": handshakes.shown(ctx, main)}


def is_under_way(ctx: Context, organization: Organization) -> bool:
    """Whether all features are being asked for."""
    begun = ctx.store.handshakes.of_organization(organization.id, limit=EVERY)
    return any(each.action == ENABLE_ALL_FEATURES and each.state_at(ctx.now) in PENDING for each in begun)


def _handshake(ctx: Context, organization: Organization, account: str, action: str, state: str, parent: str = "") -> Handshake:
    management = organization.management_account
    made = Handshake(new_id("h-", 32), organization.id, management, account, action, state, ctx.now, ctx.now + SECONDS, parent=parent)
    ctx.store.handshakes.add(made)
    return made


def approve(ctx: Context, handshake: Handshake) -> None:
    """An invited account agrees. The last of them opens the way for the management account."""
    main = ctx.store.handshakes.get(handshake.parent)
    if main is None or main.state_at(ctx.now) not in PENDING:
        raise InvalidHandshakeTransition
    others = [each for each in ctx.store.handshakes.children(main) if each.id != handshake.id]
    if all(each.state == ACCEPTED or ctx.store.members.get(each.account) is None for each in others):
        ctx.store.handshakes.replace(replace(main, state=OPEN))


def finish(ctx: Context, handshake: Handshake) -> None:
    """The management account turns all features on. Raises InvalidHandshakeTransition while somebody has yet to approve."""
    organization = ctx.store.organizations.get(handshake.organization)
    if organization is None or handshake.state != OPEN:
        raise InvalidHandshakeTransition
    ctx.store.organizations.replace(replace(organization, features=ALL_FEATURES))
