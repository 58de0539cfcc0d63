"""What is in force for a principal: the layers of policies that stay the same from request to request, and what they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.authority.organization_in_force import NO_ORGANIZATION, OrganizationInForce

if TYPE_CHECKING:
    from akia.authority.draft import Shadow
    from akia.policy import Policies, Principal


@dataclass(frozen=True, slots=True)
class Standing:
    """A principal as the engines see it.

    `policies` are its own layers; `versions` the (id or name, version) pairs of their documents, for the decision record. `subjects` is
    everything whose change makes it stale.
    `identity` is the `userIdentity` of its events, as JSON that is ready to be copied. `organization` is what surrounds its account.
    `shadows` are the policies that are tried for it and change nothing; nearly nobody has any.
    """

    principal: Principal
    policies: Policies
    versions: tuple[tuple[str, str], ...]
    subjects: frozenset[str]
    identity: Any
    organization: OrganizationInForce = NO_ORGANIZATION
    shadows: tuple[Shadow, ...] = ()
