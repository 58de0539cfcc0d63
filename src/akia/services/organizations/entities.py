"""What a request names: accounts, units, roots, policies of the caller's organization; never another organization's (NT-42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.organization_errors import (
    AccountNotFound,
    OrganizationalUnitNotFound,
    ParentNotFound,
    PolicyNotFound,
    RootNotFound,
    TargetNotFound,
)
from akia.services.organizations._organizations import found_policy

if TYPE_CHECKING:
    from akia.aws.organization_errors import OrganizationError
    from akia.identity.control_policy import ControlPolicy
    from akia.identity.organization import Member, Organization, OrganizationalUnit
    from akia.operation import Context

ACCOUNT, UNIT, ROOT = "ACCOUNT", "ORGANIZATIONAL_UNIT", "ROOT"


def member(ctx: Context, organization: Organization, account: str, error: type[OrganizationError] = AccountNotFound) -> Member:
    """The account of the organization. Raises `error`."""
    found = ctx.store.members.get(account)
    if found is None or found.organization != organization.id:
        raise error
    return found


def unit(
    ctx: Context, organization: Organization, unit_id: str, error: type[OrganizationError] = OrganizationalUnitNotFound
) -> OrganizationalUnit:
    """The unit of the organization. Raises `error`."""
    found = ctx.store.organizational_units.get(unit_id)
    if found is None or found.organization != organization.id:
        raise error
    return found


def require_root(organization: Organization, root: str) -> None:
    """Raises RootNotFound."""
    if root != organization.root:
        raise RootNotFound


def require_container(ctx: Context, organization: Organization, container: str, error: type[OrganizationError] = ParentNotFound) -> None:
    """That `container` is the organization's root or a unit of it. Raises `error`."""
    if container != organization.root:
        unit(ctx, organization, container, error)


def policy(ctx: Context, organization: Organization, policy_id: str) -> ControlPolicy:
    """The policy of the organization or of AWS. Raises PolicyNotFound."""
    found = found_policy(ctx, organization, policy_id)
    if found is None:
        raise PolicyNotFound
    return found


def require_target(ctx: Context, organization: Organization, target: str) -> None:
    """That a policy can be attached to `target`. Raises TargetNotFound."""
    if kind_of(target) == ACCOUNT:
        member(ctx, organization, target, TargetNotFound)
    else:
        require_container(ctx, organization, target, TargetNotFound)


def kind_of(thing: str) -> str:
    """What an id names, in the words of `TargetType`."""
    return ROOT if thing.startswith("r-") else UNIT if thing.startswith("ou-") else ACCOUNT


def containers_above(ctx: Context, organization: Organization, container: str) -> list[str]:
    """The ids from the root down to `container`, a unit or the root, itself among them."""
    path = [container]
    while path[0] != organization.root:
        path.insert(0, unit(ctx, organization, path[0]).parent)
    return path
