"""The checks of an evaluation: each requirement, what came of it, and the statements that matched (AC13.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.policy import Grant, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.services.iam_toolbox._iam_toolbox import Decided
    from akia.wire.shapes import iam_toolbox as shapes

_CHECKS: Mapping[str, str] = {
    PolicyType.RCP: "RESOURCE_CONTROL_POLICY",
    PolicyType.SCP: "SERVICE_CONTROL_POLICY",
    PolicyType.ENDPOINT: "VPC_ENDPOINT",
    PolicyType.RESOURCE: "RESOURCE",
    PolicyType.TRUST: "RESOURCE",
    PolicyType.IDENTITY: "PRINCIPAL",
    PolicyType.BOUNDARY: "PERMISSIONS_BOUNDARY",
    PolicyType.SESSION: "SESSION",
    PolicyType.CEILING: "ACCESS_KEY",
}
"""In the order in which they are told."""
_ORDER = list(_CHECKS)


def checks_of(decision: Decided) -> list[shapes.Check]:
    """One for each layer that applied; none for requests that were allowed, of which the layers are not kept."""
    layers = sorted(decision.get("layers", ()), key=lambda layer: _ORDER.index(layer["type"]))
    carried = _carried(decision)
    return [
        {
            "checkType": _CHECKS[layer["type"]],
            "evaluatedEffect": _effect(layer, carried),
            **({"targetArn": layer["target"]} if "target" in layer else {}),  # type: ignore[typeddict-item]  # an absent member
            "matchedPolicies": _by_policy([*_told(layer["denied"], "DENY"), *_told(layer["allowed"], "ALLOW")]),
        }
        for layer in layers
    ]


def matched_policies(decision: Decided) -> list[shapes.MatchedPolicy]:
    """The statements that decided."""
    return _by_policy(_told(decision["statements"], "DENY" if decision["outcome"] == "explicitDeny" else "ALLOW"))


def _effect(layer: Mapping[str, Any], carried: Grant) -> str:
    """`carried` is how far the resource's own policy carries; what it stands in for need not allow (P1.4)."""
    if layer["denied"]:
        return "EXPLICIT_DENY"
    if layer["allowed"]:
        return "ALLOW"
    match layer["type"]:
        case PolicyType.IDENTITY if carried >= Grant.ENTITY:
            return "NO_IMPACT"
        case PolicyType.BOUNDARY | PolicyType.SESSION if carried is Grant.COMPLETE:
            return "NO_IMPACT"
    return "IMPLICIT_DENY"


def _carried(decision: Decided) -> Grant:
    """Across accounts a grant replaces nothing (P1.5-1)."""
    within = decision["context"].get("aws:resourceaccount") == Arn.parse(decision["principalArn"]).account
    grants = [Grant[layer["grant"]] for layer in decision.get("layers", ()) if _CHECKS[layer["type"]] == "RESOURCE"]
    return max(grants, default=Grant.NONE) if within else Grant.NONE


def _told(statements: Iterable[tuple[str, str | None, int]], effect: str) -> Iterable[tuple[str, shapes.MatchedStatement]]:
    for policy, sid, position in statements:
        yield policy, {"sid": sid or f"#{position + 1}", "evaluatedEffect": effect}


def _by_policy(told: Iterable[tuple[str, shapes.MatchedStatement]]) -> list[shapes.MatchedPolicy]:
    """A statement without Sid is told by its place, `#1` the first; `#0` is a document that cannot be read and so denies (NT-51)."""
    found: dict[str, shapes.MatchedPolicy] = {}
    for policy, statement in told:
        found.setdefault(policy, {"uri": policy, "matchedStatements": []})["matchedStatements"].append(statement)
    return list(found.values())
