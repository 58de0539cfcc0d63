"""What an organization puts around an account: the levels of its SCPs and RCPs (P1.6-1), and where the account stands.

Whom they do not bind has none: the management account's principals no SCPs, its resources no RCPs (P1.5-6). Sessions of service-linked
roles are spared by the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.identity.control_policy import RCP, SCP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.authority.policies_in_force import Documents
    from akia.identity.organization import Place
    from akia.identity.policy_source import PolicySource
    from akia.policy import PolicySet
    from akia.store.store import Store


class OrganizationInForce(NamedTuple):
    """`place` is None for an account in no organization. The sets are one a level, from the root down to the account."""

    place: Place | None = None
    scps: tuple[PolicySet, ...] = ()
    rcps: tuple[PolicySet, ...] = ()
    sources: Sequence[PolicySource] = ()


NO_ORGANIZATION = OrganizationInForce()


def organization_in_force(account: str, store: Store, documents: Documents) -> OrganizationInForce:
    """What is around `account` in `store` now. A level without policies is a level that allows nothing (NT-76)."""
    place = store.organizations.place_of(account)
    if place is None:
        return NO_ORGANIZATION
    if place.is_management:
        return OrganizationInForce(place)
    enabled = place.organization.enabled_types
    sources = [source for source in store.control_policies.in_force(account) if source.layer in enabled] if enabled else []

    def levels(layer: str) -> tuple[PolicySet, ...]:
        if layer not in enabled:
            return ()
        return tuple(documents.united(s for s in sources if s.layer == layer and s.owner == level) for level in place.levels)

    return OrganizationInForce(place, levels(SCP), levels(RCP), sources)
