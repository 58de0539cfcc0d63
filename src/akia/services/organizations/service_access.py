"""Services that work across the organization: EnableAWSServiceAccess, DisableAWSServiceAccess, ListAWSServiceAccessForOrganization."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws.organization_errors import ConstraintViolation, InvalidInput
from akia.identity.delegation import ServiceAccess
from akia.operation import Access
from akia.services.organizations import pages
from akia.services.organizations._organizations import Reach, operation, utc

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

_PRINCIPAL = re.compile(r"(?:[a-z0-9-]+\.)+amazonaws\.com", re.ASCII)


def require_service(principal: str) -> None:
    """Raises InvalidInput for what is not the principal of a service."""
    if not _PRINCIPAL.fullmatch(principal):
        raise InvalidInput("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")


@operation("EnableAWSServiceAccess", access=Access.WRITE, reach=Reach.MANAGEMENT)
def enable(ctx: Context, organization: Organization, request: shapes.EnableAWSServiceAccessRequest) -> None:
    """Harmless if repeated. Raises InvalidInput."""
    service = request["ServicePrincipal"]
    require_service(service)
    if ctx.store.service_accesses.get(organization.id, service) is None:
        ctx.store.service_accesses.add(ServiceAccess(organization.id, service, ctx.now))


@operation("DisableAWSServiceAccess", access=Access.WRITE, reach=Reach.MANAGEMENT)
def disable(ctx: Context, organization: Organization, request: shapes.DisableAWSServiceAccessRequest) -> None:
    """Harmless if it is not enabled. Raises InvalidInput; ConstraintViolation while an account administers the service."""
    service = request["ServicePrincipal"]
    require_service(service)
    if any(each.service == service for each in ctx.store.delegations.all(organization.id)):
        raise ConstraintViolation(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", "Deregister the delegated administrators of the service first."
        )
    ctx.store.service_accesses.delete(organization.id, service)


@operation("ListAWSServiceAccessForOrganization", access=Access.LIST, reach=Reach.DELEGATES)
def list_services(
    ctx: Context, organization: Organization, request: shapes.ListAWSServiceAccessForOrganizationRequest
) -> shapes.ListAWSServiceAccessForOrganizationResponse:
    """By name. Raises InvalidInput (token)."""
    found, end = pages.page(
        request, "services", lambda after, limit: ctx.store.service_accesses.page(organization.id, after, limit), lambda each: each.service
    )
    return {"EnabledServicePrincipals": [{"ServicePrincipal": each.service, "DateEnabled": utc(each.enabled)} for each in found], **end}
