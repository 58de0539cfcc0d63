"""The organization itself: CreateOrganization, DescribeOrganization, DeleteOrganization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.organization_errors import AlreadyInOrganization, OrganizationNotEmpty
from akia.identity.control_policy import SCP
from akia.identity.organization import ALL_FEATURES, Organization
from akia.operation import Access, everything
from akia.services.organizations._organizations import Reach, found_organization, new_id, operation, organizations
from akia.services.organizations.membership import INVITED, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.operation import Context
    from akia.store.store import Store
    from akia.wire.shapes import organizations as shapes


def shown(ctx: Context, organization: Organization) -> shapes.Organization:
    """An organization as the wire shows it."""
    result: shapes.Organization = {
        "Id": organization.id,
        "Arn": organization.arn("organization"),
        "FeatureSet": organization.features,
        "MasterAccountArn": organization.arn("account", organization.management_account),
        "MasterAccountId": organization.management_account,
        "AvailablePolicyTypes": [{"Type": SCP, "Status": "ENABLED"}] if organization.features == ALL_FEATURES else [],
    }
    management = ctx.store.accounts.get(organization.management_account)
    if management is not None and management.email is not None:
        result["MasterAccountEmail"] = management.email
    return result


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    return [("AWS::Organizations::Organization", result["Organization"]["Id"])] if result else []


@organizations.operation("CreateOrganization", access=Access.WRITE, resource=everything, event_resources=_about)
def create_organization(ctx: Context, request: shapes.CreateOrganizationRequest) -> shapes.CreateOrganizationResponse:
    """The caller's account becomes the management account. Raises AlreadyInOrganization."""
    if found_organization(ctx) is not None:
        raise AlreadyInOrganization
    features = request.get("FeatureSet", ALL_FEATURES)
    made = Organization(new_id("o-", 10), ctx.account, features, ctx.now, _free_root(ctx.store))
    ctx.store.organizations.add(made)
    join(ctx, made, ctx.account, INVITED)
    return {"Organization": shown(ctx, made)}


def _free_root(store: Store) -> str:
    """A root's id, which is so short that it may be taken."""
    root = new_id("r-", 4)
    while store.organizations.with_root(root) is not None:
        root = new_id("r-", 4)
    return root


@operation("DescribeOrganization", access=Access.READ, reach=Reach.MEMBERS)
def describe_organization(ctx: Context, organization: Organization, request: object) -> shapes.DescribeOrganizationResponse:
    """For every account of it."""
    return {"Organization": shown(ctx, organization)}


@operation("DeleteOrganization", access=Access.WRITE, reach=Reach.MANAGEMENT)
def delete_organization(ctx: Context, organization: Organization, request: object) -> None:
    """With its units and policies. Raises OrganizationNotEmpty while it has member accounts."""
    if ctx.store.members.count(organization.id) > 1:
        raise OrganizationNotEmpty
    ctx.store.organizations.delete(organization.id)
