"""The facts: what each layer that applies says about a request (P1.1-3). `decide` draws the conclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.policy.decision import Finding, StatementRef
from akia.policy.kind import PolicyType
from akia.policy.principal import Grant, PrincipalKind
from akia.policy.wildcard import Budget

if TYPE_CHECKING:
    from akia.policy.compiled import PolicySet
    from akia.policy.policies import Policies
    from akia.policy.request import Request
    from akia.policy.statement import Statement

# Looking up a member of an enumeration takes as long as five comparisons.
NONE, COMPLETE = Grant.NONE, Grant.COMPLETE
ROOT = PrincipalKind.ROOT
SCP, RCP, ENDPOINT = PolicyType.SCP, PolicyType.RCP, PolicyType.ENDPOINT
IDENTITY, BOUNDARY = PolicyType.IDENTITY, PolicyType.BOUNDARY
SESSION, CEILING = PolicyType.SESSION, PolicyType.CEILING


class Facts(NamedTuple):
    """One finding for each layer; None for a layer that does not apply."""

    scps: tuple[Finding, ...]
    rcps: tuple[Finding, ...]
    endpoint: Finding | None
    identity: Finding | None
    boundary: Finding | None
    session: Finding | None
    ceiling: Finding | None
    resource: Finding | None

    def in_order(self) -> tuple[Finding, ...]:
        """Every finding, in the order in which explicit denials are reported (P1.3-1, P1.5-7e)."""
        single = tuple([finding for finding in self[2:] if finding is not None])
        return self.scps + self.rcps + single if self.scps or self.rcps else single


def collect(request: Request, policies: Policies, *, every: bool = False) -> Facts:
    """What each layer says. `every`: name all statements that match, not only enough of them to decide. Raises TooMuchWork."""
    has_account = request.principal.account is not None
    is_user_or_session = has_account and request.principal.kind is not ROOT  # P1.3-12: nobody limits root's own permissions
    boundary = policies.boundary if is_user_or_session else None
    asked = _Question(request, boundary is not None, every)
    return Facts(
        scps=tuple([asked.of(SCP, level) for level in policies.scps]) if policies.scps and _bound_by_scps(request) else (),
        rcps=tuple([asked.of(RCP, level) for level in policies.rcps]) if policies.rcps and _bound_by_rcps(request) else (),
        endpoint=asked.of(ENDPOINT, policies.endpoint) if policies.endpoint is not None else None,
        identity=asked.of(IDENTITY, policies.identity) if is_user_or_session else None,
        boundary=asked.of(BOUNDARY, boundary) if boundary is not None else None,
        session=asked.of(SESSION, policies.session) if has_account and policies.session is not None else None,
        ceiling=asked.of(CEILING, policies.ceiling) if policies.ceiling is not None else None,
        resource=asked.of(policies.resource_type, policies.resource) if policies.resource is not None else None,
    )


def _bound_by_scps(request: Request) -> bool:
    """P1.5-6: whoever has an account that is not the management account, service-linked roles excepted."""
    caller = request.principal
    return caller.account is not None and caller.account != request.management_account and not caller.is_service_linked


def _bound_by_rcps(request: Request) -> bool:
    """P1.5-6: whatever does not belong to the management account, whoever asks, service-linked roles excepted."""
    owner = request.resource_account or request.principal.account
    return (owner is None or owner != request.management_account) and not request.principal.is_service_linked


class _Question:
    """A request, made ready to be put to many statements."""

    __slots__ = ("_action", "_bounded", "_budget", "_every", "_request")

    def __init__(self, request: Request, bounded: bool, every: bool) -> None:
        self._request, self._action = request, request.action.lower()
        self._bounded, self._every = bounded, every
        self._budget = Budget()

    def of(self, type_: PolicyType, policies: PolicySet) -> Finding:
        """What the layer `policies` says."""
        denies, allows = policies.candidates(self._action)
        denied_by = self._denials(denies) if denies else ()
        grant, allowed_by = self._grants(allows, type_ is RCP) if allows else (NONE, ())
        return Finding(type_, denied_by, allowed_by, grant)

    def _denials(self, statements: tuple[Statement, ...]) -> tuple[StatementRef, ...]:
        _, _, resource, context, _, _ = request = self._request
        found: list[StatementRef] = []
        for statement in statements:
            principals = statement.principals
            hit = principals is None or principals.denies(request.principal, bounded=self._bounded)
            if hit and statement.applies(resource, context, self._budget):
                found.append(statement.ref)
                if not self._every:
                    break
        return tuple(found)

    def _grants(self, statements: tuple[Statement, ...], of_rcp: bool) -> tuple[Grant, tuple[StatementRef, ...]]:
        """The strongest grant, and the statements that give it; with `every`, also those that give less.

        The `*` of an RCP lets nobody in, and so means bearers of tokens and assertions too (P1.6-3).
        """
        caller, _, resource, context, _, _ = self._request
        found: list[tuple[Grant, StatementRef]] = []
        strongest = NONE
        for statement in statements:
            principals = statement.principals
            grant = COMPLETE if principals is None or (of_rcp and principals.names_everybody) else principals.grant(caller)
            if (grant > strongest or (self._every and grant)) and statement.applies(resource, context, self._budget):
                if grant is COMPLETE and not self._every:
                    return COMPLETE, (statement.ref,)
                found.append((grant, statement.ref))
                strongest = max(strongest, grant)
        found.sort(key=lambda item: -item[0])
        return strongest, tuple([ref for grant, ref in found if self._every or grant is strongest])
