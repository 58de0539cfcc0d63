"""The policies in force for a request, layer by layer (P1.1)."""

from __future__ import annotations

from typing import NamedTuple

from akia.policy.compiled import PolicySet
from akia.policy.kind import PolicyType

NO_POLICIES = PolicySet()


class Policies(NamedTuple):
    """The layers. An absent layer (None, or no levels) does not apply; a layer without documents applies and is silent.

    All but the resource's layers stay the same from request to request: make them once a principal and `_replace` what differs.
    """

    identity: PolicySet = NO_POLICIES
    """Of the user and its groups, or of the role. Not asked for root (P1.3-12)."""
    boundary: PolicySet | None = None
    session: PolicySet | None = None
    """Given when the session was made, inline and by ARN, united (P1.7-8); for root, the task policy of `sts:AssumeRoot`."""
    ceiling: PolicySet | None = None
    """Of the access key that signed (O4): it binds whoever uses the key, root too, and never widens."""
    scps: tuple[PolicySet, ...] = ()
    """Root, each OU on the path, account: one set a level (P1.6-1), of the principal's organization."""
    rcps: tuple[PolicySet, ...] = ()
    """The same of the resource's account, for services that RCPs support; `RCPFullAWSAccess` is among them (P1.3-2, P1.6-3)."""
    resource: PolicySet | None = None
    """The resource's own policy."""
    resource_type: PolicyType = PolicyType.RESOURCE
    """`TRUST` if the resource is a role."""
    resource_required: bool = False
    """The type of resource allows nothing that its policy does not allow, such as KMS keys. Always so for roles (P1.3-6)."""
    endpoint: PolicySet | None = None
    """Of the VPC endpoint that the request came through (P1.3-13)."""

    @property
    def layers(self) -> tuple[PolicySet, ...]:
        """Every set of documents that is in force, in the order in which findings are told."""
        single = (self.endpoint, self.identity, self.boundary, self.session, self.ceiling, self.resource)
        return self.scps + self.rcps + tuple(layer for layer in single if layer is not None)
