"""The decision: a numbered table over the facts (P1.3 within one account, P1.5 across two). The first row that fires decides.

    P1.3-1   somebody denies                                      explicit deny
    P1.3-2   RCPs apply and a level does not allow                deny, RCP
    P1.3-3   SCPs apply and a level does not allow                deny, SCP
    P1.3-14  the VPC endpoint's policy does not allow             deny, VPC endpoint
    O4       the access key's policy does not allow               deny, access key
    P1.3-12  `sts:AssumeRoot`: the task policy does not allow     deny, session policy
    P1.3-4   the resource's policy grants completely              allow
    P1.3-6   the resource's policy must allow and does not        deny, role trust or resource-based
    P1.3-7   neither identity policies nor P1.3-5 allow           deny, identity-based
    P1.3-8   a permissions boundary does not allow                deny, permissions boundary
    P1.3-9   session policies do not allow                        deny, session policy
    P1.3-10  a federated user without session policies            deny, session policy
    P1.3-11  otherwise                                            allow

P1.3-5 is not a row: the grant `ENTITY` of the resource's policy stands in for identity policies at P1.3-7. Across accounts both sides must
agree, so a grant replaces nothing (P1.5-1). Callers without an account have only the resource's side (P1.4-8).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from akia.policy.decision import Decision, Finding, Outcome
from akia.policy.evaluation import Facts, collect
from akia.policy.kind import PolicyType
from akia.policy.principal import Grant, PrincipalKind
from akia.policy.wildcard import TooMuchWork

if TYPE_CHECKING:
    from akia.policy.policies import Policies
    from akia.policy.request import Request


def decide(request: Request, policies: Policies, *, every: bool = False) -> Decision:
    """Whether `request` is allowed by `policies`. A pure function: it reads nothing else, and has no clock.

    `every`: let the facts name all statements that match, for explanations and simulation. The outcome and the rule are the same without
    (NT-96); if the full look would cost too much, the facts stay short.
    A request whose wildcards cost too much is denied (NT-53). Raises only what the context's own `get` raises.
    """
    try:
        facts = collect(request, policies)
    except TooMuchWork:
        return Decision(DENIED, "NT-53", None, (), ())
    verdict = _Verdict(_in_full(request, policies, facts) if every else facts)
    for finding in verdict.all:
        if finding.denied_by:
            return verdict.explicit_deny(finding)
    account = request.principal.account
    if account is None:
        return _without_account(verdict, policies)
    if request.resource_account is None or request.resource_account == account:
        return _within_account(verdict, request, policies)
    return _across_accounts(verdict, request, policies)


# Looking up a member of an enumeration takes as long as five comparisons.
ALLOWED, DENIED = Outcome.ALLOW, Outcome.IMPLICIT_DENY
NONE, ACCOUNT, ENTITY, COMPLETE = Grant.NONE, Grant.ACCOUNT, Grant.ENTITY, Grant.COMPLETE
ROOT, FEDERATED_USER = PrincipalKind.ROOT, PrincipalKind.FEDERATED_USER
TRUST = PolicyType.TRUST


def _in_full(request: Request, policies: Policies, facts: Facts) -> Facts:
    """`facts`, with every statement that matches; as they are if that costs too much (NT-53)."""
    with suppress(TooMuchWork):
        return collect(request, policies, every=True)
    return facts


class _Verdict:
    """The facts, and the words for what follows from them."""

    __slots__ = ("all", "facts", "grant")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.all = facts.in_order()
        self.grant = NONE if facts.resource is None else facts.resource.grant

    def allow(self, rule: str, *by: Finding | None) -> Decision:
        determining = tuple([ref for finding in by if finding is not None for ref in finding.allowed_by])
        return Decision(ALLOWED, rule, None, determining, self.all)

    def deny(self, rule: str, blamed: PolicyType) -> Decision:
        return Decision(DENIED, rule, blamed, (), self.all)

    def explicit_deny(self, finding: Finding) -> Decision:
        return Decision(Outcome.EXPLICIT_DENY, "P1.3-1", finding.type, finding.denied_by, self.all)


def _fences(verdict: _Verdict) -> Decision | None:
    """P1.3-2, P1.3-3, P1.3-14, O4: what must allow whoever asks."""
    facts = verdict.facts
    for level in facts.rcps:
        if not level.allowed_by:
            return verdict.deny("P1.3-2", PolicyType.RCP)
    for level in facts.scps:
        if not level.allowed_by:
            return verdict.deny("P1.3-3", PolicyType.SCP)
    if facts.endpoint is not None and not facts.endpoint.allowed_by:
        return verdict.deny("P1.3-14", PolicyType.ENDPOINT)
    if facts.ceiling is not None and not facts.ceiling.allowed_by:
        return verdict.deny("O4", PolicyType.CEILING)
    return None


def _limits(verdict: _Verdict, request: Request) -> Decision | None:
    """P1.3-8 to P1.3-10: what limits the caller's own permissions."""
    facts = verdict.facts
    if facts.boundary is not None and not facts.boundary.allowed_by:
        return verdict.deny("P1.3-8", PolicyType.BOUNDARY)
    if facts.session is not None and not facts.session.allowed_by:
        return verdict.deny("P1.3-9", PolicyType.SESSION)
    if facts.session is None and request.principal.kind is FEDERATED_USER:
        return verdict.deny("P1.3-10", PolicyType.SESSION)
    return None


def _identity_allows(facts: Facts, request: Request) -> bool:
    """P1.3-12: root needs no identity policy."""
    return request.principal.kind is ROOT or (facts.identity is not None and bool(facts.identity.allowed_by))


def _within_account(verdict: _Verdict, request: Request, policies: Policies) -> Decision:
    facts, grant = verdict.facts, verdict.grant
    if fenced := _fences(verdict):
        return fenced
    if request.principal.kind is ROOT and facts.session is not None and not facts.session.allowed_by:
        return verdict.deny("P1.3-12", PolicyType.SESSION)
    if grant is COMPLETE:
        return verdict.allow("P1.3-4", facts.resource)
    required = policies.resource_required or policies.resource_type is TRUST
    if required and grant is NONE:
        return verdict.deny("P1.3-6", policies.resource_type)
    if grant < ENTITY and not _identity_allows(facts, request):
        return verdict.deny("P1.3-7", PolicyType.IDENTITY)
    if limited := _limits(verdict, request):
        return limited
    return verdict.allow("P1.3-11", facts.identity, facts.resource)


def _without_account(verdict: _Verdict, policies: Policies) -> Decision:
    """Anonymous callers, services and bearers of tokens: the resource's policy alone can allow (P1.4-8, P1.5-1)."""
    if fenced := _fences(verdict):
        return fenced
    if verdict.grant is NONE:
        return verdict.deny("P1.5-2", policies.resource_type)
    return verdict.allow("P1.5-2", verdict.facts.resource)


def _across_accounts(verdict: _Verdict, request: Request, policies: Policies) -> Decision:
    """P1.5-1 to P1.5-5; whom a denial blames was measured (P1.5-7)."""
    facts, grant = verdict.facts, verdict.grant
    if not _share_a_partition(request):
        return verdict.deny("P1.5-3", policies.resource_type)
    if fenced := _fences(verdict):
        return fenced
    if grant is NONE:
        return verdict.deny("P1.5-7c" if _identity_allows(facts, request) else "P1.5-7d", policies.resource_type)
    if not _identity_allows(facts, request):
        by_account = grant is ACCOUNT
        return verdict.deny("P1.5-7a", policies.resource_type) if by_account else verdict.deny("P1.5-7b", PolicyType.IDENTITY)
    if limited := _limits(verdict, request):
        return limited
    return verdict.allow("P1.5-2", facts.identity, facts.resource)


def _share_a_partition(request: Request) -> bool:
    """P1.5-3. A resource `*` lies in every partition."""
    caller, resource = (request.principal.arn or "").split(":", 2), request.resource.split(":", 2)
    return len(resource) < 3 or len(caller) < 3 or caller[1] == resource[1]
