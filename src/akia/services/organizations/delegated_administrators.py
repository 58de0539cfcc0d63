"""Member accounts that administer a service for the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.organization_errors import AccountAlreadyRegistered, AccountNotRegistered, ConstraintViolation
from akia.identity.delegation import Delegation
from akia.operation import Access
from akia.services.organizations import accounts, entities, pages
from akia.services.organizations._organizations import Reach, about, named, operation, utc
from akia.services.organizations.service_access import require_service

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

_ONE = named("AccountId")
_ABOUT = about("Account", "AccountId")


@operation("RegisterDelegatedAdministrator", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_ONE, about=_ABOUT)
def register(ctx: Context, organization: Organization, request: shapes.RegisterDelegatedAdministratorRequest) -> None:
    """Raises AccountNotFound, AccountAlreadyRegistered, ConstraintViolation, InvalidInput."""
    account, service = request["AccountId"], request["ServicePrincipal"]
    require_service(service)
    entities.member(ctx, organization, account)
    _require_eligible(ctx, organization, account)
    if ctx.store.delegations.get(organization.id, account, service) is not None:
        raise AccountAlreadyRegistered
    if ctx.store.service_accesses.get(organization.id, service) is None:
        raise ConstraintViolation("SERVICE_ACCESS_NOT_ENABLED", "Enable access of the service to the organization first.")
    ctx.store.delegations.add(Delegation(organization.id, account, service, ctx.now))


def _require_eligible(ctx: Context, organization: Organization, account: str) -> None:
    if account == organization.management_account:
        raise ConstraintViolation(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", "You cannot register the management account as delegated administrator."
        )
    found = ctx.store.accounts.get(account)
    if found is None or found.closed is not None:
        raise ConstraintViolation(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", "You cannot register a suspended account."
        )


@operation("DeregisterDelegatedAdministrator", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_ONE, about=_ABOUT)
def deregister(ctx: Context, organization: Organization, request: shapes.DeregisterDelegatedAdministratorRequest) -> None:
    """Raises AccountNotFound, AccountNotRegistered, InvalidInput."""
    account, service = request["AccountId"], request["ServicePrincipal"]
    require_service(service)
    entities.member(ctx, organization, account)
    if not ctx.store.delegations.delete(organization.id, account, service):
        raise AccountNotRegistered


@operation("ListDelegatedAdministrators", access=Access.LIST, reach=Reach.DELEGATES)
def list_administrators(
    ctx: Context, organization: Organization, request: shapes.ListDelegatedAdministratorsRequest
) -> shapes.ListDelegatedAdministratorsResponse:
    """Of one service or of any, by account. Raises InvalidInput (token)."""
    service = request.get("ServicePrincipal")
    since: dict[str, int] = {}
    for each in ctx.store.delegations.all(organization.id):
        if service in (None, each.service):
            since[each.account] = min(each.enabled, since.get(each.account, each.enabled))
    found, end = pages.page(request, f"administrators {service}", pages.among(since, str), str)
    return {"DelegatedAdministrators": [_shown(ctx, organization, account, since[account]) for account in found], **end}


def _shown(ctx: Context, organization: Organization, account: str, since: int) -> shapes.DelegatedAdministrator:
    seen = accounts.shown(ctx, organization, entities.member(ctx, organization, account))
    result: shapes.DelegatedAdministrator = {
        "Id": account,
        "Arn": seen["Arn"],
        "Name": seen["Name"],
        "Status": seen["Status"],
        "State": seen["State"],
        "JoinedMethod": seen["JoinedMethod"],
        "JoinedTimestamp": seen["JoinedTimestamp"],
        "DelegationEnabledDate": utc(since),
    }
    if "Email" in seen:
        result["Email"] = seen["Email"]
    return result


@operation("ListDelegatedServicesForAccount", access=Access.LIST, reach=Reach.DELEGATES, resource=_ONE)
def list_services(
    ctx: Context, organization: Organization, request: shapes.ListDelegatedServicesForAccountRequest
) -> shapes.ListDelegatedServicesForAccountResponse:
    """By name. Raises AccountNotFound, AccountNotRegistered, InvalidInput (token)."""
    account = request["AccountId"]
    entities.member(ctx, organization, account)
    if not ctx.store.delegations.of_account(organization.id, account, limit=1):
        raise AccountNotRegistered
    found, end = pages.page(
        request,
        f"services {account}",
        lambda after, limit: ctx.store.delegations.of_account(organization.id, account, after, limit),
        lambda each: each.service,
    )
    return {"DelegatedServices": [{"ServicePrincipal": each.service, "DelegationEnabledDate": utc(each.enabled)} for each in found], **end}
