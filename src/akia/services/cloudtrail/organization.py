"""The organization that the caller's account manages: trails and event data stores may be its, and it has delegated administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.services.cloudtrail._cloudtrail import SERVICE_PRINCIPAL
from akia.services.cloudtrail.trail_errors import (
    CloudTrailAccessNotEnabledException,
    NotOrganizationMasterAccountException,
    OrganizationNotInAllFeaturesModeException,
    OrganizationsNotInUseException,
)

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.services.cloudtrail.trail_errors import TrailError


def managed_organization(ctx: Context, not_managed: type[TrailError] = NotOrganizationMasterAccountException) -> Organization:
    """The one that the caller's account manages, once it trusts CloudTrail. Raises OrganizationsNotInUseException, `not_managed` (the
    caller's is another account of it), OrganizationNotInAllFeaturesModeException, CloudTrailAccessNotEnabledException."""
    organization = ctx.store.organizations.of_account(ctx.account)
    if organization is None:
        raise OrganizationsNotInUseException("The account is not a member of an organization.")
    if organization.management_account != ctx.account:
        raise not_managed("The account is not the management account of its organization.")
    if organization.features != "ALL":
        raise OrganizationNotInAllFeaturesModeException("The organization must have all features enabled.")
    if ctx.store.service_accesses.get(organization.id, SERVICE_PRINCIPAL) is None:
        raise CloudTrailAccessNotEnabledException("Trusted access for CloudTrail is not enabled in the organization.")
    return organization
