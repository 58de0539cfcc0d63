"""A judgement: one thing that was required, what the engine decided, and on what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.trail.decision import decision_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.authority.draft import ShadowVerdict
    from akia.authority.request_context import RequestContext
    from akia.authority.standing import Standing
    from akia.operation import Required
    from akia.policy import Decision, Policies


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision with all that explains it."""

    required: Required
    decision: Decision
    standing: Standing
    context: RequestContext
    policies: Policies
    """All layers, that of the resource included."""
    shadowed: tuple[ShadowVerdict, ...] = ()
    """What shadow policies would have decided otherwise. For the record only."""

    def to_record(self) -> Mapping[str, Any]:
        """The decision record: JSON-ready."""
        decision, standing = self.decision, self.standing
        return decision_record(
            principal_id=standing.unique_id,
            principal_arn=standing.arn,
            action=self.required.action,
            resource=self.required.resource,
            outcome=decision.outcome,
            rule=decision.rule,
            blamed=decision.blamed,
            statements=[tuple(reference) for reference in decision.determining],
            policies=standing.versions,
            context=self.context.to_record(),
        )
