"""The decision record: what stands beside an event so that it can be explained and replayed later.

CloudTrail's record of a denial has no parameters (AC3.2); this one keeps the context that policies saw, and which of them decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def decision_record(
    *,
    principal_id: str,
    principal_arn: str,
    action: str,
    resource: str,
    outcome: str,
    rule: str,
    blamed: str | None,
    statements: Sequence[Sequence[Any]],
    policies: Any,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """A JSON-ready dict. `policies` are the (name, version) pairs in force, `statements` the (policy, sid, position) of those that
    decided, `rule` the row of the decision
    table that fired, `context` the condition keys that cannot be read from the event itself."""
    return {
        "principalId": principal_id,
        "principalArn": principal_arn,
        "action": action,
        "resources": [resource],
        "outcome": outcome,
        "rule": rule,
        "blamed": blamed,
        "statements": statements,
        "policies": policies,
        "context": context,
    }
