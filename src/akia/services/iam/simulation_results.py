"""The results of a simulation as IAM tells them (AC12.1, AC12.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from akia.aws import catalogue
from akia.policy import Decision, Outcome, PolicyType, StatementRef, all_of
from akia.policy.positions import Position, Span, statements
from akia.policy.strict_json import NotJson
from akia.services.iam.context_keys import REMEMBERED_TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akia.policy import Finding
    from akia.services.iam.policy_sources import Source
    from akia.services.iam.simulator import Simulator
    from akia.wire.shapes import iam as shapes

_GRANTING = frozenset({PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.TRUST})
"""The layers whose statements are told; what the others say is told in details of their own."""
_ORDER = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.ALLOW)
"""The most restrictive first."""


def result_of(simulator: Simulator, action: str, resources: Sequence[str]) -> shapes.EvaluationResult:
    """What the simulation of `action` on `resources` says, on all together and, unless the only one is `*`, on each."""
    decisions = [simulator.decide(action, resource) for resource in resources]
    matched = [_matched(decision, simulator) for decision in decisions]
    together = all_of(decisions)
    result: shapes.EvaluationResult = {
        "EvalActionName": action,
        "EvalResourceName": "*",
        "EvalDecision": together.outcome.value,
        "MatchedStatements": _union(matched),
        "MissingContextValues": simulator.missing,
    }
    result |= _details(decisions)
    if list(resources) != ["*"]:
        result["EvalResourceName"] = _template(action, resources[0])
        result["EvalDecisionDetails"] = _by_type(decisions)
        result["ResourceSpecificResults"] = [
            _specific(simulator, resource, decision, found) for resource, decision, found in zip(resources, decisions, matched, strict=True)
        ]
    return result


def _specific(simulator: Simulator, resource: str, decision: Decision, matched: list[shapes.Statement]) -> shapes.ResourceSpecificResult:
    result: shapes.ResourceSpecificResult = {
        "EvalResourceName": resource,
        "EvalResourceDecision": decision.outcome.value,
        "MatchedStatements": matched,
        "MissingContextValues": simulator.missing,
        "EvalDecisionDetails": _by_type([decision]),
    }
    allowed = _layer_allows([decision], PolicyType.BOUNDARY)
    if allowed is not None:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    return result


def _details(decisions: Sequence[Decision]) -> shapes.EvaluationResult:
    """What boundary and organization say, if there are any."""
    details: shapes.EvaluationResult = {}  # type: ignore[typeddict-item]  # laid over the result, which has the required members
    bounded, organized = _layer_allows(decisions, PolicyType.BOUNDARY), _layer_allows(decisions, PolicyType.SCP)
    if bounded is not None:
        details["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": bounded}
    if organized is not None:
        details["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": organized}
    return details


def _layer_allows(decisions: Iterable[Decision], type_: PolicyType) -> bool | None:
    """Whether the layer (of SCPs, every level of it) lets all of `decisions` pass; None if it does not apply."""
    findings = [finding for decision in decisions for finding in decision.facts if finding.type is type_]
    return all(finding.allows and not finding.denied_by for finding in findings) if findings else None


def _by_type(decisions: Iterable[Decision]) -> dict[str, str]:
    """How each type of policy contributes, where a resource's own policy takes part: its most restrictive word."""
    words: dict[str, list[Outcome]] = {}
    for decision in decisions:
        findings = [finding for finding in decision.facts if finding.type in _GRANTING]
        if any(finding.type is not PolicyType.IDENTITY for finding in findings):
            for finding in findings:
                words.setdefault("IAM Policy" if finding.type is PolicyType.IDENTITY else "Resource Policy", []).append(_word(finding))
    return {name: next(outcome for outcome in _ORDER if outcome in found).value for name, found in words.items()}


def _word(finding: Finding) -> Outcome:
    if finding.denied_by:
        return Outcome.EXPLICIT_DENY
    return Outcome.ALLOW if finding.allows else Outcome.IMPLICIT_DENY


def _matched(decision: Decision, simulator: Simulator) -> list[shapes.Statement]:
    """The statements that contributed to the decision: all Denies, else all Allows; to an implicit denial there are none."""
    findings = [finding for finding in decision.facts if finding.type in _GRANTING]
    match decision.outcome:
        case Outcome.EXPLICIT_DENY:
            references = [reference for finding in findings for reference in finding.denied_by]
        case Outcome.ALLOW:
            references = [reference for finding in findings for reference in finding.allowed_by]
        case _:
            references = []
    return [_statement(reference, simulator.source(reference.policy)) for reference in references]


def _statement(reference: StatementRef, source: Source) -> shapes.Statement:
    statement: shapes.Statement = {"SourcePolicyId": source.id, "SourcePolicyType": source.type}
    spans = _spans(source.text)
    if 0 <= reference.position < len(spans):
        start, end = spans[reference.position]
        statement |= {"StartPosition": _position(start), "EndPosition": _position(end)}
    return statement


def _position(place: Position) -> shapes.Position:
    """IAM counts columns from 1; the end is the column behind the last character."""
    return {"Line": place.line, "Column": place.column + 1}


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _spans(text: str) -> tuple[Span, ...]:
    try:
        return statements(text)
    except NotJson:
        return ()


def _union(matched: Iterable[Iterable[shapes.Statement]]) -> list[shapes.Statement]:
    together: list[shapes.Statement] = []
    for found in matched:
        together += [statement for statement in found if statement not in together]
    return together


def _template(action: str, resource: str) -> str:
    """The form of ARN that the action is about, that of `resource` if there are several, or `*` if there is none."""
    prefix, _, name = action.partition(":")
    facts = catalogue.action(prefix, name)
    uses = facts.resource_types if facts is not None else ()
    templates = list(filter(None, (catalogue.resource_arn_pattern(prefix, use.type) for use in uses)))
    return next((template for template in templates if _form(template).fullmatch(resource)), templates[0] if templates else "*")


@lru_cache(maxsize=1_024)
def _form(template: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, _PLACEHOLDER.split(template))))


_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
