"""What is in force for a principal: the layers of policies that stay the same from request to request, and what they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.authority.organization_in_force import NO_ORGANIZATION, OrganizationInForce
from akia.identity.key_lifetime import ALWAYS, Validity

if TYPE_CHECKING:
    from akia.authority.draft import Shadow
    from akia.policy import Policies, Principal


@dataclass(frozen=True, slots=True)
class Standing:
    """A principal as the engines see it.

    `policies` are its own layers. `subjects` is everything whose change makes it stale.
    Ready to be copied as JSON: `versions`, the (id or name, version) pairs of the documents, for the decision record; `identity`, the
    `userIdentity` of its events.
    `organization` is what surrounds its account; `shadows` are the policies that are tried for it and change nothing: few have any.
    `validity` is when the key may be used that it signs with.
    """

    principal: Principal
    arn: str
    unique_id: str
    policies: Policies
    versions: Any
    subjects: frozenset[str]
    identity: Any
    organization: OrganizationInForce = NO_ORGANIZATION
    shadows: tuple[Shadow, ...] = ()
    validity: Validity = ALWAYS
