"""How accounts become members, and how they cease to be: LeaveOrganization, RemoveAccountFromOrganization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.organization_errors import ConstraintViolation, MasterCannotLeaveOrganization
from akia.identity.control_policy import FULL_ACCESS
from akia.identity.organization import Member
from akia.operation import Access
from akia.services.organizations import entities
from akia.services.organizations._organizations import Reach, about, named, operation

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

CREATED, INVITED = "CREATED", "INVITED"


def join(ctx: Context, organization: Organization, account: str, method: str) -> None:
    """Make `account` a member, right below the root. Raises IdTaken if it is in an organization."""
    ctx.store.members.add(Member(account, organization.id, organization.root, ctx.now, method))
    attach_full_access(ctx, organization, account)


def attach_full_access(ctx: Context, organization: Organization, target: str) -> None:
    """What stands on every new target: AWS's policy of each type that is enabled (P1.6-1)."""
    for kind in organization.enabled_types:
        ctx.store.control_policy_targets.attach(FULL_ACCESS[kind].id, target, organization.id, kind)


def require_room_for_account(ctx: Context, organization: Organization) -> None:
    """Raises ConstraintViolation if there are as many accounts as there may be."""
    if ctx.store.members.count(organization.id) >= ctx.authority.quotas.accounts_per_organization:
        raise ConstraintViolation("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts.")


@operation("LeaveOrganization", access=Access.WRITE, reach=Reach.MEMBERS)
def leave_organization(ctx: Context, organization: Organization, request: object) -> None:
    """The caller's account leaves. Raises MasterCannotLeaveOrganization, ConstraintViolation."""
    _part(ctx, organization, ctx.account)


@operation(
    "RemoveAccountFromOrganization",
    access=Access.WRITE,
    reach=Reach.MANAGEMENT,
    resource=named("AccountId"),
    about=about("Account", "AccountId"),
)
def remove_account(ctx: Context, organization: Organization, request: shapes.RemoveAccountFromOrganizationRequest) -> None:
    """Raises AccountNotFound, MasterCannotLeaveOrganization, ConstraintViolation."""
    _part(ctx, organization, request["AccountId"])


def _part(ctx: Context, organization: Organization, account: str) -> None:
    store = ctx.store
    entities.member(ctx, organization, account)
    if account == organization.management_account:
        raise MasterCannotLeaveOrganization
    if store.delegations.of_account(organization.id, account, limit=1):
        raise ConstraintViolation(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "Deregister the account as a delegated administrator before it leaves."
        )
    found = store.accounts.get(account)
    if found is not None and found.closed is not None:
        raise ConstraintViolation("ACCOUNT_CANNOT_LEAVE_ORGANIZATION", "A closed account stays in its organization.")
    store.control_policy_targets.clear(account)
    store.organization_tags.delete(account)
    store.members.delete(account)
