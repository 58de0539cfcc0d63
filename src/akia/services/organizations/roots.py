"""The root, and the policy types that are enabled in it: ListRoots, EnablePolicyType, DisablePolicyType."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.aws.organization_errors import PolicyTypeAlreadyEnabled, PolicyTypeNotAvailableForOrganization, PolicyTypeNotEnabled
from akia.identity.control_policy import FULL_ACCESS, TYPES
from akia.identity.organization import ALL_FEATURES
from akia.operation import Access
from akia.services.organizations import pages
from akia.services.organizations._organizations import Reach, about, named, operation
from akia.services.organizations.entities import require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

EVERY = 1_000_000


def require_available(organization: Organization, kind: str) -> None:
    """That policies of this type can be used. Raises PolicyTypeNotAvailableForOrganization without all features, and for types that govern
    services which are not here."""
    if kind not in TYPES or organization.features != ALL_FEATURES:
        raise PolicyTypeNotAvailableForOrganization


def shown(organization: Organization) -> shapes.Root:
    """The root as the wire shows it."""
    return {
        "Id": organization.root,
        "Arn": organization.arn("root", organization.root),
        "Name": "Root",
        "PolicyTypes": [{"Type": kind, "Status": "ENABLED"} for kind in organization.enabled_types],
    }


@operation("ListRoots", access=Access.LIST, reach=Reach.DELEGATES)
def list_roots(ctx: Context, organization: Organization, request: shapes.ListRootsRequest) -> shapes.ListRootsResponse:
    """There is one. Raises InvalidInput (token)."""
    roots, end = pages.page(request, "roots", pages.among([organization], lambda each: each.root), lambda each: each.root)
    return {"Roots": [shown(each) for each in roots], **end}


@operation("EnablePolicyType", access=Access.WRITE, reach=Reach.POLICY, resource=named("RootId"), about=about("Root", "RootId"))
def enable_policy_type(
    ctx: Context, organization: Organization, request: shapes.EnablePolicyTypeRequest
) -> shapes.EnablePolicyTypeResponse:
    """From now on AWS's policy of this type stands on the root, every unit and every account, so that nothing changes yet (P1.6-1).

    Raises RootNotFound, PolicyTypeAlreadyEnabled, PolicyTypeNotAvailableForOrganization.
    """
    kind = request["PolicyType"]
    require_root(organization, request["RootId"])
    require_available(organization, kind)
    if kind in organization.enabled_types:
        raise PolicyTypeAlreadyEnabled
    for target in _everything_in(ctx, organization):
        ctx.store.control_policy_targets.attach(FULL_ACCESS[kind].id, target, organization.id, kind)
    return {"Root": shown(_with_types(ctx, organization, *organization.enabled_types, kind))}


@operation("DisablePolicyType", access=Access.WRITE, reach=Reach.POLICY, resource=named("RootId"), about=about("Root", "RootId"))
def disable_policy_type(
    ctx: Context, organization: Organization, request: shapes.DisablePolicyTypeRequest
) -> shapes.DisablePolicyTypeResponse:
    """All policies of this type are detached from everything, and stay so. Raises RootNotFound, PolicyTypeNotEnabled."""
    kind = request["PolicyType"]
    require_root(organization, request["RootId"])
    if kind not in organization.enabled_types:
        raise PolicyTypeNotEnabled
    ctx.store.control_policy_targets.detach_all(organization.id, organization.root, kind)
    return {"Root": shown(_with_types(ctx, organization, *(each for each in organization.enabled_types if each != kind)))}


def _with_types(ctx: Context, organization: Organization, *types: str) -> Organization:
    changed = replace(organization, types=" ".join(types))
    ctx.store.organizations.replace(changed)
    return changed


def _everything_in(ctx: Context, organization: Organization) -> Iterator[str]:
    yield organization.root
    yield from ctx.store.organizational_units.ids(organization.id)
    yield from (member.account for member in ctx.store.members.page(organization.id, limit=EVERY))
