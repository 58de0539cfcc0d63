"""What is kept of a denial beside its decision, so that it can be explained later, when policies have changed (AC13.4, AC13.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.policy import PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.authority.judgement import Judgement
    from akia.identity.organization import Place


def explanation(judgement: Judgement) -> Mapping[str, Any]:
    """JSON-ready, to be laid over the decision record.

    `layers`: what each layer said, with every statement that matched. `context`: all condition keys that the request had. `documents`:
    type, name and text of each policy in force; without the text if it is AWS's, or has versions and no statement of it matched.
    Control policies that are silent are left out.
    """
    return {
        "layers": list(_layers(judgement)),
        "documents": list(_documents(judgement)),
        "context": judgement.context.known(),
    }


def _layers(judgement: Judgement) -> Iterator[Mapping[str, Any]]:
    """In the order of the findings. Of a control policy `target` is the root, unit or account that its level is attached to."""
    context = judgement.context
    targets = {PolicyType.SCP: iter(_levels(context.place)), PolicyType.RCP: iter(_levels(context.resource_place))}
    for finding in judgement.decision.facts:
        layer = {
            "type": finding.type.value,
            "denied": [tuple(statement) for statement in finding.denied_by],
            "allowed": [tuple(statement) for statement in finding.allowed_by],
            "grant": finding.grant.name,
        }
        yield {**layer, "target": next(targets[finding.type])} if finding.type in targets else layer


def _levels(place: Place | None) -> list[str]:
    """The ARNs of the levels above and at an account, from the root down (P1.6-1)."""
    if place is None:
        return []
    root, *units = place.containers
    organization = place.organization
    return [
        organization.arn("root", root),
        *(organization.arn("ou", unit) for unit in units),
        organization.arn("account", place.account),
    ]


def _documents(judgement: Judgement) -> Iterator[tuple[str, str, str | None]]:
    policies = judgement.policies
    matched = {statement.policy for finding in judgement.decision.facts for statement in (*finding.denied_by, *finding.allowed_by)}
    control = ((PolicyType.SCP, policies.scps), (PolicyType.RCP, policies.rcps))
    for type_, levels in control:
        names = {document.policy: document.text for level in levels for document in level.documents if document.policy in matched}
        yield from ((type_.value, name, text) for name, text in names.items())
    single = (
        (PolicyType.ENDPOINT, policies.endpoint),
        (PolicyType.IDENTITY, policies.identity),
        (PolicyType.BOUNDARY, policies.boundary),
        (PolicyType.SESSION, policies.session),
        (PolicyType.CEILING, policies.ceiling),
        (policies.resource_type, policies.resource),
    )
    for type_, layer in single:
        for document in layer.documents if layer is not None else ():
            versioned = layer is not policies.resource and document.policy.startswith("arn:")
            kept = document.policy in matched and not document.policy.startswith(_AWS) if versioned else True
            yield type_.value, document.policy, document.text if kept else None


_AWS = "arn:aws:iam::aws:"
