"""Centralized root access: what an organization may do with the root users of its member accounts, and whether it may.

What the features open (`sts:AssumeRoot`) asks `store.root_features.enabled`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import (
    AccountNotManagementOrDelegatedAdministrator,
    CallerIsNotManagementAccount,
    OrganizationNotFound,
    OrganizationNotInAllFeaturesMode,
    ServiceAccessNotEnabled,
)
from akia.identity.organization import ALL_FEATURES, Organization
from akia.identity.root_feature import CREDENTIALS_MANAGEMENT, SERVICE, SESSIONS, RootFeature
from akia.operation import Access, Context, everything
from akia.services.iam._iam import iam

if TYPE_CHECKING:
    from akia.wire.shapes import iam as shapes


def _organization(ctx: Context) -> Organization:
    """The organization of a caller who may manage these features. Raises what the model names, in this order."""
    organization = ctx.store.organizations.of_account(ctx.account)
    if organization is None:
        raise OrganizationNotFound(f"The account {ctx.account} is not a member of an organization.")
    if organization.features != ALL_FEATURES:
        raise OrganizationNotInAllFeaturesMode("The organization does not have all features enabled.")
    delegates = ctx.store.delegations.get(organization.id, ctx.account, SERVICE) is not None
    if ctx.account != organization.management_account and not delegates:
        raise AccountNotManagementOrDelegatedAdministrator(
            "Only the organization's management account and the delegated administrator of IAM can do this."
        )
    if ctx.store.service_accesses.get(organization.id, SERVICE) is None:
        raise ServiceAccessNotEnabled(f"Access of {SERVICE} to the organization is not enabled.")
    return organization


def _enable(ctx: Context, feature: str) -> shapes.EnableOrganizationsRootSessionsResponse:
    organization = _organization(ctx)
    if ctx.account != organization.management_account:
        raise CallerIsNotManagementAccount("Only the organization's management account can enable this.")
    if ctx.store.root_features.get(organization.id, feature) is None:
        ctx.store.root_features.add(RootFeature(organization.id, feature, ctx.now))
    return _features(ctx, organization)


def _disable(ctx: Context, feature: str) -> shapes.EnableOrganizationsRootSessionsResponse:
    organization = _organization(ctx)
    ctx.store.root_features.delete(organization.id, feature)
    return _features(ctx, organization)


def _features(ctx: Context, organization: Organization) -> shapes.EnableOrganizationsRootSessionsResponse:
    """What all these operations answer."""
    return {"OrganizationId": organization.id, "EnabledFeatures": sorted(ctx.store.root_features.enabled(organization.id))}


@iam.operation("EnableOrganizationsRootCredentialsManagement", access=Access.WRITE, resource=everything)
def enable_credentials_management(ctx: Context, request: object) -> shapes.EnableOrganizationsRootCredentialsManagementResponse:
    """Harmless if repeated. Raises as `_organization`, and CallerIsNotManagementAccount for the delegated administrator."""
    return _enable(ctx, CREDENTIALS_MANAGEMENT)


@iam.operation("DisableOrganizationsRootCredentialsManagement", access=Access.WRITE, resource=everything)
def disable_credentials_management(ctx: Context, request: object) -> shapes.DisableOrganizationsRootCredentialsManagementResponse:
    """Harmless if repeated. Raises as `_organization`."""
    return _disable(ctx, CREDENTIALS_MANAGEMENT)


@iam.operation("EnableOrganizationsRootSessions", access=Access.WRITE, resource=everything)
def enable_sessions(ctx: Context, request: object) -> shapes.EnableOrganizationsRootSessionsResponse:
    """Harmless if repeated. Raises as `_organization`, and CallerIsNotManagementAccount for the delegated administrator."""
    return _enable(ctx, SESSIONS)


@iam.operation("DisableOrganizationsRootSessions", access=Access.WRITE, resource=everything)
def disable_sessions(ctx: Context, request: object) -> shapes.DisableOrganizationsRootSessionsResponse:
    """Harmless if repeated. Raises as `_organization`."""
    return _disable(ctx, SESSIONS)


@iam.operation("ListOrganizationsFeatures", access=Access.LIST, resource=everything)
def list_features(ctx: Context, request: object) -> shapes.ListOrganizationsFeaturesResponse:
    """Raises as `_organization`."""
    return _features(ctx, _organization(ctx))
