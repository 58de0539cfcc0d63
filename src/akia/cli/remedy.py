"""The smallest change that would allow a denied request: each Deny that has to go, each Allow that has to come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.cli.explanation import ALLOW, BOUNDARY, CEILING, PRINCIPAL, RCP, RESOURCE, SCP, SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.cli.explanation import Explanation, Layer, Statement

_ON_ROLES = "sts:"
"""Actions whose resource policy is a trust policy, which names no resource."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to do, and the statement to do it with."""

    instruction: str
    statement: str | None


def changes(explanation: Explanation) -> Iterator[Change]:
    """All of them are needed, and all of them together suffice: a layer that allows, or need not, is not touched."""
    for layer in explanation.layers:
        yield from (_removal(statement) for statement in layer.statements if statement.denies)
        if layer.hides_its_deny:
            yield Change(f"Take the Deny out of {_place(layer, explanation)}. Which one it is shows when a request has been refused.", None)
        if layer.lacks_an_allow and not _is_replaced(layer, explanation):
            yield _addition(layer, explanation)


def _is_replaced(layer: Layer, explanation: Explanation) -> bool:
    """A resource of the same account whose own policy allows makes identity policies unnecessary (P1.4)."""
    within = _account(explanation.resource) in {"", _account(explanation.principal)}
    return within and layer.type == PRINCIPAL and any(other.type == RESOURCE and other.effect == ALLOW for other in explanation.layers)


def _account(arn: str) -> str:
    return arn.split(":", 5)[4] if arn.count(":") >= 5 else ""


def _removal(statement: Statement) -> Change:
    if statement.is_whole_document:
        return Change(f"Write {statement.policy} anew: it cannot be read, and so denies everything.", None)
    return Change(f"Take the statement {statement.sid} out of {statement.policy}, or narrow it:", statement.text)


def _addition(layer: Layer, explanation: Explanation) -> Change:
    if layer.type == RCP:
        return Change(f"Attach RCPFullAWSAccess to {layer.where}: a resource control policy allows in no other way.", None)
    return Change(f"Add this statement to {_place(layer, explanation)}:", json.dumps(_allow(layer, explanation), indent=2))


def _place(layer: Layer, explanation: Explanation) -> str:
    places = {
        PRINCIPAL: f"an identity-based policy of {explanation.principal}",
        BOUNDARY: f"the permissions boundary {layer.where or 'of ' + explanation.principal}",
        SESSION: "a session policy when the session is made",
        CEILING: "the policy of the access key",
        SCP: f"a service control policy that is attached to {layer.where or 'each level above the account'}",
        RESOURCE: f"the {'trust' if explanation.action.startswith(_ON_ROLES) else 'resource-based'} policy of {explanation.resource}",
    }
    return places.get(layer.type, "the VPC endpoint's policy")


def _allow(layer: Layer, explanation: Explanation) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow"}
    if layer.type == RESOURCE:
        statement["Principal"] = {"AWS": explanation.principal}
    statement["Action"] = explanation.action
    if layer.type != RESOURCE or not explanation.action.startswith(_ON_ROLES):
        statement["Resource"] = explanation.resource
    return statement
