"""Why was this request decided so? Asked of the IAM toolbox, by the request's id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akia.cli.explanation import ALLOW, BOUNDARY, Explanation, Layer, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT = "akia:Limit"
"""Where the toolbox names the limit that has turned a request away."""
_BOUNDARY_POLICY = "PERMISSIONS_BOUNDARY"


def explain_request(toolbox: Any, request_id: str) -> Explanation:
    """The decision on a request: on what was denied, or else on what was allowed last. `toolbox` is a boto3 client; raises what it
    raises."""
    authorization_id = request_id.replace("-", "").lower()
    details = toolbox.get_request_authorization_details(authorizationId=authorization_id)
    evaluations = details["evaluations"]
    told = next((evaluation for evaluation in evaluations if evaluation["evaluatedEffect"] != ALLOW), evaluations[-1])
    context = details["requestContext"] | told.get("context", {})
    limit = context.pop(_LIMIT, "")
    documents = _Documents(toolbox, authorization_id, details["policies"])
    layers = [_layer(check, documents) for check in told.get("checks", ())]
    if not layers:
        layers = [Layer("", ALLOW, _statements(told.get("matchedPolicies", ()), documents))]
    missing = sorted({key for layer in layers for statement in layer.statements for key in _keys(statement.text)} - set(context))
    principal, effect = context.get("aws:PrincipalArn", "the caller"), told["evaluatedEffect"]
    return Explanation(principal, told["action"], told["resource"], effect, layers, context, missing, limit)


class _Documents:
    """The policies of a request, each fetched once."""

    def __init__(self, toolbox: Any, authorization_id: str, policies: list[Mapping[str, Any]]) -> None:
        self._toolbox, self._id = toolbox, authorization_id
        self._policies = {policy["uri"]: policy for policy in policies}
        self._found: dict[str, Any] = {}
        self.boundary = next((policy["uri"] for policy in policies if policy["type"] == _BOUNDARY_POLICY), "")

    def name(self, uri: str) -> str:
        """How a person calls the policy."""
        policy = self._policies.get(uri, {})
        if not policy.get("inline"):
            return uri
        attached = policy["attachedTo"][0]["arn"]
        if policy["type"] == "RESOURCE_BASED_POLICY":
            return f"the policy of {attached}"
        if policy["type"] == "ACCESS_KEY_POLICY":
            _, key, restriction = uri.split("/", 2)
            return f"the restrictions ({restriction}) of the access key {key}"
        name = uri.partition("/")[2]
        return f"the inline policy {name} of {attached}" if name else f"the {uri} of {attached}"

    def statement(self, uri: str, sid: str) -> str | None:
        """The text of a statement, by Sid or by place (`#1` is the first); None if the policy cannot be had any more."""
        listed = self._document(uri).get("Statement", [])
        statements = listed if isinstance(listed, list) else [listed]
        if sid.startswith("#"):
            place = int(sid[1:]) - 1
            found = statements[place] if 0 <= place < len(statements) else None
        else:
            found = next((statement for statement in statements if statement.get("Sid") == sid), None)
        return json.dumps(found, indent=2) if found is not None else None

    def _document(self, uri: str) -> Mapping[str, Any]:
        if uri not in self._found:
            try:
                found = self._toolbox.get_request_authorization_policy(authorizationId=self._id, policyUri=uri)["policyDocument"]
            except self._toolbox.exceptions.ResourceNotFoundException:
                found = {}
            self._found[uri] = found
        document: Mapping[str, Any] = self._found[uri]
        return document


def _layer(check: Mapping[str, Any], documents: _Documents) -> Layer:
    where = check.get("targetArn", documents.boundary if check["checkType"] == BOUNDARY else "")
    return Layer(check["checkType"], check["evaluatedEffect"], _statements(check["matchedPolicies"], documents), where)


def _statements(matched: Any, documents: _Documents) -> list[Statement]:
    return [
        Statement(
            documents.name(policy["uri"]),
            statement["sid"],
            statement["evaluatedEffect"] == "DENY",
            documents.statement(policy["uri"], statement["sid"]),
        )
        for policy in matched
        for statement in policy["matchedStatements"]
    ]


def _keys(text: str | None) -> set[str]:
    """The context keys of a statement's conditions."""
    conditions = json.loads(text).get("Condition", {}) if text is not None else {}
    return {key for keys in conditions.values() for key in keys}
