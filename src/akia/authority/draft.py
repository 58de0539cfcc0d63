"""Drafts: policies that are tried and not in force. Whoever asks decides on them with the engine that enforces (NT-96)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from akia import policy
from akia.policy import Compiled, Kind, Policies, PolicySet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.policy import Decision, Request

Compile = Callable[[Kind, str, str], Compiled]
"""From kind, name and text."""


class Draft(NamedTuple):
    """The document `text`, called `name` in decisions, beside a principal's identity-based policies or in place of `replaces`.

    `replaces` is what decisions call a policy, in whichever layer of the principal it is in force; "" for none.
    """

    name: str
    text: str
    replaces: str = ""


class Trial(NamedTuple):
    """A principal's own layers with a draft among them. `touched`: the documents that differ from those in force."""

    policies: Policies
    touched: PolicySet

    def concerns(self, action: str) -> bool:
        """Whether the draft can change the decision on `action`, which is in lower case: no statement, no change."""
        candidates = self.touched.candidates(action)
        return bool(candidates.allows or candidates.denies)

    def among(self, policies: Policies) -> Policies:
        """`policies`, those in force for one request, with the draft among them."""
        return policies._replace(identity=self.policies.identity, boundary=self.policies.boundary, session=self.policies.session)


def tried(draft: Draft, policies: Policies, compile_: Compile) -> Trial | None:
    """The trial of `draft` in a principal's `policies`; None if what it replaces is not in force for the principal: it changes nothing."""
    if not draft.replaces:
        added = compile_(Kind.IDENTITY_MANAGED, draft.name, draft.text)
        return Trial(policies._replace(identity=PolicySet((*policies.identity.documents, added))), PolicySet([added]))
    touched: list[Compiled] = []

    def replaced(layer: PolicySet) -> PolicySet:
        """The layer with the draft in place of what it replaces."""
        old = [document for document in layer.documents if document.policy == draft.replaces]
        if not old:
            return layer
        new = compile_(old[0].kind, draft.name, draft.text)
        touched.extend((*old, new))
        return PolicySet([*(document for document in layer.documents if document not in old), new])

    with_draft = policies._replace(
        identity=replaced(policies.identity),
        boundary=replaced(policies.boundary) if policies.boundary is not None else None,
        session=replaced(policies.session) if policies.session is not None else None,
    )
    return Trial(with_draft, PolicySet(touched)) if touched else None


class Shadow(NamedTuple):
    """A shadow policy of a principal: its id, and its trial."""

    id: str
    trial: Trial


class ShadowVerdict(NamedTuple):
    """What would have been decided instead, under the shadow policy `id`."""

    id: str
    decision: Decision


def shadowed(shadows: Iterable[Shadow], request: Request, policies: Policies, enforced: Decision) -> tuple[ShadowVerdict, ...]:
    """What each shadow policy, alone, would have turned from allowed to denied or from denied to allowed."""
    action = request.action.lower()
    decided = ((shadow.id, policy.decide(request, shadow.trial.among(policies))) for shadow in shadows if shadow.trial.concerns(action))
    return tuple([ShadowVerdict(name, decision) for name, decision in decided if decision.allowed != enforced.allowed])
