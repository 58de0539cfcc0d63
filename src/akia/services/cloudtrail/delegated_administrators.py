"""The organization's delegated administrators of CloudTrail: RegisterOrganizationDelegatedAdmin, DeregisterOrganizationDelegatedAdmin.

The same list as `organizations:RegisterDelegatedAdministrator` keeps, for CloudTrail's service principal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.delegation import Delegation
from akia.operation import Access, Context, Required, everything
from akia.services.cloudtrail._cloudtrail import SERVICE_PRINCIPAL, cloudtrail
from akia.services.cloudtrail.organization import managed_organization
from akia.services.cloudtrail.trail_errors import (
    AccountNotFoundException,
    AccountNotRegisteredException,
    AccountRegisteredException,
    CannotDelegateManagementAccountException,
    DelegatedAdminAccountLimitExceededException,
    NotOrganizationManagementAccountException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.organization import Organization
    from akia.wire.shapes import cloudtrail as shapes


def _account_arn(ctx: Context, account: str) -> str:
    """The ARN of an account of the caller's organization, whether it is one or not. Never raises."""
    organization = ctx.store.organizations.of_account(ctx.account)
    if organization is None:
        return f"arn:aws:organizations::{ctx.account}:account/o-*/{account}"
    return organization.arn("account", account)


def _registering_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """CloudTrail asks the organization on behalf of its caller, who must be allowed to."""
    yield Required("organizations:RegisterDelegatedAdministrator", _account_arn(ctx, request["MemberAccountId"]))


def _deregistering_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    yield Required("organizations:DeregisterDelegatedAdministrator", _account_arn(ctx, request["DelegatedAdminAccountId"]))


def _about(member: str) -> Any:
    return lambda request, result: [("AWS::Organizations::Account", request[member])]


@cloudtrail.operation(
    "RegisterOrganizationDelegatedAdmin",
    access=Access.WRITE,
    resource=everything,
    also=_registering_too,
    event_resources=_about("MemberAccountId"),
)
def register_organization_delegated_admin(
    ctx: Context, request: shapes.RegisterOrganizationDelegatedAdminRequest
) -> shapes.RegisterOrganizationDelegatedAdminResponse:
    """Raises what the organization lacks; AccountNotFoundException, CannotDelegateManagementAccountException, AccountRegisteredException,
    DelegatedAdminAccountLimitExceededException."""
    organization, account = _managed(ctx), request["MemberAccountId"]
    if account == organization.management_account:
        raise CannotDelegateManagementAccountException("The management account cannot be registered as a delegated administrator.")
    _require_member(ctx, organization, account)
    if ctx.store.delegations.get(organization.id, account, SERVICE_PRINCIPAL) is not None:
        raise AccountRegisteredException(f"The account {account} is already registered as a CloudTrail delegated administrator.")
    registered = [each for each in ctx.store.delegations.all(organization.id) if each.service == SERVICE_PRINCIPAL]
    if len(registered) >= ctx.authority.quotas.trail_administrators:
        raise DelegatedAdminAccountLimitExceededException(
            "The organization has as many CloudTrail delegated administrators as it can have."
        )
    ctx.store.delegations.add(Delegation(organization.id, account, SERVICE_PRINCIPAL, ctx.now))
    return {}


@cloudtrail.operation(
    "DeregisterOrganizationDelegatedAdmin",
    access=Access.WRITE,
    resource=everything,
    also=_deregistering_too,
    event_resources=_about("DelegatedAdminAccountId"),
)
def deregister_organization_delegated_admin(
    ctx: Context, request: shapes.DeregisterOrganizationDelegatedAdminRequest
) -> shapes.DeregisterOrganizationDelegatedAdminResponse:
    """Raises what the organization lacks; AccountNotFoundException, AccountNotRegisteredException."""
    organization, account = _managed(ctx), request["DelegatedAdminAccountId"]
    _require_member(ctx, organization, account)
    if not ctx.store.delegations.delete(organization.id, account, SERVICE_PRINCIPAL):
        raise AccountNotRegisteredException(f"The account {account} is not registered as a CloudTrail delegated administrator.")
    return {}


def _managed(ctx: Context) -> Organization:
    return managed_organization(ctx, NotOrganizationManagementAccountException)


def _require_member(ctx: Context, organization: Organization, account: str) -> None:
    found = ctx.store.organizations.of_account(account)
    if found is None or found.id != organization.id:
        raise AccountNotFoundException(f"The account {account} is not a member of the organization.")
