"""The decision once more, with every statement that matches: for denials, simulation, and whoever asks why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.decide import decide

if TYPE_CHECKING:
    from akia.policy.decision import Decision
    from akia.policy.policies import Policies
    from akia.policy.request import Request


def explain(request: Request, policies: Policies, decision: Decision | None = None) -> Decision:
    """What `decide` says, its facts naming all statements that match and not only enough of them to decide.

    `decision`: what it has said, if it was asked already. The outcome and the rule are always its (NT-96): if the full look costs too
    much (NT-53), the facts stay short.
    """
    decision = decision or decide(request, policies)
    if not decision.facts:
        return decision
    in_full = decide(request, policies, every=True)
    return in_full if in_full.rule == decision.rule else decision
