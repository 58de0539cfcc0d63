"""Why was it denied? GetRequestAuthorizationDetails, GetRequestAuthorizationPolicy (AC13.3, AC13.4). All from the decision record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia import policy
from akia.authority.key_names import in_full
from akia.aws.errors import ValidationError
from akia.operation import Access, everything
from akia.policy import PolicyType
from akia.services.iam_toolbox._iam_toolbox import Decided, ResourceNotFoundException, decisions_of, iam_toolbox
from akia.services.iam_toolbox.checks import checks_of, matched_policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.operation import Context
    from akia.wire.shapes import iam_toolbox as shapes

LIMIT = "akia:Limit"
_EFFECTS = {"allowed": "ALLOW", "explicitDeny": "EXPLICIT_DENY", "implicitDeny": "IMPLICIT_DENY"}
_TYPES: Mapping[str, str] = {
    PolicyType.IDENTITY: "IDENTITY_BASED_POLICY",
    PolicyType.RESOURCE: "RESOURCE_BASED_POLICY",
    PolicyType.TRUST: "RESOURCE_BASED_POLICY",
    PolicyType.BOUNDARY: "PERMISSIONS_BOUNDARY",
    PolicyType.SESSION: "SESSION_POLICY",
    PolicyType.CEILING: "ACCESS_KEY_POLICY",
    PolicyType.SCP: "SERVICE_CONTROL_POLICY",
    PolicyType.RCP: "RESOURCE_CONTROL_POLICY",
    PolicyType.ENDPOINT: "VPC_ENDPOINT_POLICY",
}


@iam_toolbox.operation("GetRequestAuthorizationDetails", access=Access.READ, resource=everything)
def get_request_authorization_details(
    ctx: Context, request: shapes.GetRequestAuthorizationDetailsInput
) -> shapes.GetRequestAuthorizationDetailsOutput:
    """The evaluations of a request, one page of them. Of one that was allowed only the statements that allowed it are known.

    Raises ResourceNotFoundException, ValidationError for a token, since none is ever given.
    """
    if "nextToken" in request:
        raise ValidationError("The nextToken is not valid.")
    decisions = decisions_of(ctx, request["authorizationId"])
    shared = _shared(decision["context"] for decision in decisions)
    return {
        "requestContext": in_full(shared) | _limit(decisions),
        "evaluations": [_evaluation(decision, shared) for decision in decisions],
        "policies": _policies(ctx, decisions),
    }


@iam_toolbox.operation("GetRequestAuthorizationPolicy", access=Access.READ, resource=everything)
def get_request_authorization_policy(
    ctx: Context, request: shapes.GetRequestAuthorizationPolicyInput
) -> shapes.GetRequestAuthorizationPolicyOutput:
    """A policy as it was when the request was decided. Principals that still exist are shown by their ARNs (P1.7-5).

    Raises ResourceNotFoundException; also for a version that has been deleted since, and for what cannot be read as JSON (NT-51).
    """
    uri = request["policyUri"]
    for decision in decisions_of(ctx, request["authorizationId"]):
        text = _text(ctx, decision, uri)
        if text is not None and _is_json(text):
            shown = policy.principals_to_arns(text, lambda unique_id: _arn_of(ctx, unique_id))
            return {"policyDocument": orjson.loads(shown)}
    raise ResourceNotFoundException(f"The policy {uri} was not found.")


def _limit(decisions: Iterable[Decided]) -> dict[str, str]:
    """The limit that has refused the request, although policies allowed it, under a key of akia's own."""
    named = next((decision["limit"] for decision in decisions if "limit" in decision), None)
    return {LIMIT: named} if named is not None else {}


def _shared(contexts: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What all evaluations have in common."""
    first, *others = contexts
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


def _evaluation(decision: Decided, shared: Mapping[str, Any]) -> shapes.Evaluation:
    checks = checks_of(decision)
    return {
        "action": decision["action"],
        "resource": decision["resources"][0],
        "context": in_full({key: value for key, value in decision["context"].items() if key not in shared}),
        "evaluatedEffect": _EFFECTS[decision["outcome"]],
        "matchedPolicies": matched_policies(decision),
        **({"checks": checks} if checks else {}),  # type: ignore[typeddict-item]  # an absent member, not an empty one
    }


def _policies(ctx: Context, decisions: Iterable[Decided]) -> list[shapes.PolicyInfo]:
    """Each policy once for each type that it is in force as; of allowed requests, those that allowed."""
    found: dict[tuple[str, str], shapes.PolicyInfo] = {}
    for decision in decisions:
        for type_, name, _ in decision.get("documents", ()):
            found.setdefault((type_, name), _policy(ctx, decision, type_, name))
    return list(found.values())


def _policy(ctx: Context, decision: Decided, type_: str, name: str) -> shapes.PolicyInfo:
    of_resource = type_ in {PolicyType.RESOURCE, PolicyType.TRUST}
    info: shapes.PolicyInfo = {"type": _TYPES[type_], "inline": of_resource or not name.startswith("arn:"), "uri": name}
    if of_resource:
        info["attachedTo"] = [{"arn": decision["resources"][0]}]
    elif type_ not in {PolicyType.SCP, PolicyType.RCP}:
        owner = None if name.startswith("arn:") else _arn_of(ctx, name.partition("/")[0])
        info["attachedTo"] = [{"arn": owner or decision["context"].get("aws:principalarn") or decision["principalArn"]}]
    return info


def _text(ctx: Context, decision: Decided, uri: str) -> str | None:
    for _, name, text in decision.get("documents", ()):
        if name == uri and text is not None:
            return str(text)
    version = dict(decision["policies"]).get(uri)
    managed = ctx.store.managed_policies.with_arn(uri) if version else None
    found = ctx.store.managed_policies.version(managed.id, version) if managed is not None and version else None
    return found.document if found is not None else None


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def _arn_of(ctx: Context, unique_id: str) -> str | None:
    """The ARN of a user, group or role that still exists."""
    found = ctx.store.users.with_id(unique_id) or ctx.store.groups.with_id(unique_id) or ctx.store.roles.with_id(unique_id)
    return str(found.arn) if found is not None else None
