"""Which services the service control policies around an entity leave open. Nothing but these policies is looked at, as in AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.aws import catalogue
from akia.aws.errors import MalformedPolicyDocument
from akia.identity.control_policy import SCP
from akia.policy import Kind
from akia.policy.access import Reach
from akia.policy.validate import read
from akia.services.iam.organization_entities import EVERY, CannotReport, scp_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.operation import Context
    from akia.policy import Document
    from akia.services.iam.organization_entities import Entity


def services_allowed(ctx: Context, entity: Entity, policy_id: str | None) -> list[str]:
    """The prefixes of the services of which something is allowed, in alphabetical order: by every level of service control policies around
    `entity`, or by the one called `policy_id`; of the management account all there are. Raises CannotReport."""
    if SCP not in entity.organization.enabled_types:
        raise CannotReport("PolicyTypeNotEnabled", "Service control policies are not enabled in the root of the organization.")
    if entity.is_management:
        return sorted(catalogue.prefixes())
    if policy_id is not None:
        return _open([_documents([scp_named(ctx, entity.organization, policy_id)])])
    return _open([_documents(_attached(ctx, entity, level)) for level in entity.levels])


def _attached(ctx: Context, entity: Entity, level: str) -> list[str]:
    policies = ctx.store.control_policy_targets.on_target(level, SCP, limit=EVERY)
    return [scp_named(ctx, entity.organization, policy) for policy in policies]


def _documents(texts: Iterable[str]) -> list[Document]:
    """One that cannot be read allows nothing."""
    found = []
    for text in texts:
        try:
            found.append(read(text, Kind.SCP))
        except MalformedPolicyDocument:
            continue
    return found


def _open(levels: list[list[Document]]) -> list[str]:
    """What every level allows and none denies altogether. A Deny with conditions, or of some resources, leaves the rest open."""
    allowed = [Reach(documents) for documents in levels]
    denied = Reach(_denials(document) for documents in levels for document in documents)
    candidates = set.intersection(*(set(reach.services()) for reach in allowed)) if allowed else set()
    return sorted(prefix for prefix in candidates if _left(prefix, allowed, denied))


def _left(prefix: str, allowed: list[Reach], denied: Reach) -> set[str]:
    return set.intersection(*(set(reach.actions(prefix)) for reach in allowed)) - set(denied.actions(prefix))


def _denials(document: Document) -> Document:
    """What the document denies whatever the resource and the request, as a document that allows it: so its reach is what is denied."""
    total = [
        replace(statement, effect="Allow")
        for statement in document.statements
        if statement.is_deny and not statement.condition and "*" in (statement.resource or ())
    ]
    return replace(document, statements=tuple(total))
