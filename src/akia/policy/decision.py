"""What came out: the facts of every layer, and the decision that a numbered row drew from them (P1.1-3)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from akia.policy.principal import Grant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.policy.kind import PolicyType


class StatementRef(NamedTuple):
    """Which statement of which policy."""

    policy: str
    """The policy's ARN or, for inline policies, whatever name it was compiled under."""
    sid: str | None
    position: int
    """Counted from 0; -1 stands for the whole of a document that could not be read."""


class Finding(NamedTuple):
    """What one layer says: its Denies, else its Allows that match; both empty: silence (P1.2-4)."""

    type: PolicyType
    denied_by: tuple[StatementRef, ...] = ()
    allowed_by: tuple[StatementRef, ...] = ()
    grant: Grant = Grant.NONE
    """The strongest grant among the Allows, in the resource's own policy only (P1.4)."""

    @property
    def allows(self) -> bool:
        """Whether some statement allows."""
        return bool(self.allowed_by)


class Outcome(StrEnum):
    """The three outcomes."""

    ALLOW = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Decision(NamedTuple):
    """The decision, and all that is needed to explain it."""

    outcome: Outcome
    rule: str
    """The row of the decision table that fired, such as `P1.3-7`."""
    blamed: PolicyType | None
    """The one type of policy that a denial names (P6.1-12); None when allowed, or when the evaluation was cut short."""
    determining: tuple[StatementRef, ...]
    """The statements that decided; empty for a silence."""
    facts: tuple[Finding, ...]
    """One for each layer that applies, also for those that did not decide. Each level of SCPs and RCPs is a layer of its own."""

    @property
    def allowed(self) -> bool:
        """Whether the request may go on."""
        return self.outcome is Outcome.ALLOW

    @property
    def blamed_policy(self) -> str | None:
        """The policy whose Deny is reported, if there is one."""
        return self.determining[0].policy if self.outcome is Outcome.EXPLICIT_DENY else None


def all_of(decisions: Sequence[Decision]) -> Decision:
    """The decision of a request that needs several permissions, which must all be given (P2.2-7).

    An explicit denial is reported before an implicit one, and the first before the others. Raises ValueError for no decisions at all.
    """
    if not decisions:
        raise ValueError("nothing was decided")
    explicit = (decision for decision in decisions if decision.outcome is Outcome.EXPLICIT_DENY)
    denied = (decision for decision in decisions if not decision.allowed)
    return next(explicit, None) or next(denied, None) or decisions[0]
