"""Could the caller itself do all that a delegation request asks for? (`DelegationPermissionCheck`)

Each action on each resource that the policy allows is put to the simulator, as if the caller asked (NT-96). A resource with wildcards
stands for itself: who is allowed `bucket/*` by name or by a wider pattern is allowed it. What conditions decide is not known beforehand,
so an answer that hangs on one is UNSURE: of the Allows that say yes one must be without conditions, and no Deny may concern the action.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from akia import policy
from akia.authority.policies_in_force import Documents, InForce, name_of
from akia.authority.request_context import RequestContext
from akia.aws.errors import MalformedPolicyDocument
from akia.operation import Required
from akia.policy import Kind, Outcome
from akia.policy.access import Reach
from akia.policy.action import Actions
from akia.policy.validate import read
from akia.services.iam.delegated_roles import alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from akia.operation import Context
    from akia.policy import Decision, Document, StatementText, Value

MOST_QUESTIONS = 5_000
"""Whoever asks for more is told that it is not sure."""
_EQUAL = frozenset({"stringequals", "arnequals", "arnlike", "stringlike", "bool"})


class Check(StrEnum):
    """AWS's words, the worst first."""

    DENIED = "DENIED"
    UNSURE = "UNSURE"
    ALLOWED = "ALLOWED"


def permission_check(ctx: Context, text: str) -> Check:
    """Whether the caller has all that the policy `text` allows."""
    document = policy.parse(text, Kind.SESSION)
    held = _Held.of(ctx)
    worst = Check.ALLOWED
    for asked, (statement, action, resource) in enumerate(_questions(document)):
        if asked >= MOST_QUESTIONS:
            return Check.UNSURE
        answer = held.check(ctx, statement, action, resource)
        if answer is Check.DENIED:
            return answer
        worst = answer if answer is Check.UNSURE else worst
    vague = any(statement.not_resource is not None for statement in document.statements if not statement.is_deny)
    return Check.UNSURE if vague else worst


def _questions(document: Document) -> Iterator[tuple[StatementText, str, str]]:
    """Every action on every resource that the document allows. What its own Denies take away again is asked for all the same."""
    for statement in document.statements:
        if not statement.is_deny:
            for action in _actions_asked(document, statement):
                for resource in statement.resource or ("*",):
                    yield statement, action, resource


def _actions_asked(document: Document, statement: StatementText) -> Iterator[str]:
    """The documented actions that the statement allows; what it says that stands for none of them, as it is written."""
    reach = Reach([alone(document, statement)])
    documented = [action for prefix in reach.services() for action in reach.actions(prefix)]
    yield from documented
    folded = list(map(str.lower, documented))
    for written in statement.action or ():
        if not any(map(Actions((written,), negated=False).match, folded)):
            yield written


@dataclass(frozen=True)
class _Held:
    """What is in force for the caller: its standing and context, and the statements that make an answer unsure."""

    known: Mapping[str, Value]
    conditional: frozenset[tuple[str, int]]
    """The statements with conditions, by their policy's name and their position."""
    denying: tuple[Actions, ...]
    perhaps: tuple[Actions, ...]
    """The actions of the Allows with conditions."""

    @classmethod
    def of(cls, ctx: Context) -> _Held:
        principal = ctx.caller.principal
        context = RequestContext(principal, ctx.facts, ctx.now, "", ctx.account, None, ctx.caller.standing.organization.place)
        statements = list(_statements(ctx))
        return cls(
            context.known(),
            frozenset((name, position) for name, position, each in statements if each.condition),
            tuple(_actions(each) for _, _, each in statements if each.is_deny),
            tuple(_actions(each) for _, _, each in statements if each.condition and not each.is_deny),
        )

    def check(self, ctx: Context, statement: StatementText, action: str, resource: str) -> Check:
        seen = {**self.known, "aws:resourceaccount": ctx.account, **_said(statement)}
        decision = ctx.authority.simulate(ctx.caller.standing, Required(action, resource), seen, ctx.account)
        folded = action.lower()
        if decision.allowed:
            sure = self._surely_allowed(decision) and not any(actions.match(folded) for actions in self.denying)
            return Check.ALLOWED if sure else Check.UNSURE
        if decision.outcome is Outcome.EXPLICIT_DENY:
            return Check.DENIED if any((ref.policy, ref.position) not in self.conditional for ref in decision.determining) else Check.UNSURE
        return Check.UNSURE if any(actions.match(folded) for actions in self.perhaps) else Check.DENIED

    def _surely_allowed(self, decision: Decision) -> bool:
        """Whether every layer that allows does so by a statement without conditions."""
        layers = [finding.allowed_by for finding in decision.facts if finding.allowed_by]
        return all(any((ref.policy, ref.position) not in self.conditional for ref in layer) for layer in layers)


def _statements(ctx: Context) -> Iterator[tuple[str, int, StatementText]]:
    """Of every policy in force for the caller."""
    for source in InForce(ctx.caller.principal, ctx.store, Documents()).sources:
        try:
            document = read(source.document, Kind.RESOURCE)  # its grammar is that of any kind
        except MalformedPolicyDocument:
            continue
        for position, statement in enumerate(document.statements):
            yield name_of(source), position, statement


def _actions(statement: StatementText) -> Actions:
    return Actions(statement.action or statement.not_action or (), negated=statement.action is None)


def _said(statement: StatementText) -> dict[str, Value]:
    """What the request's own conditions make certain: keys that must equal one value without wildcards."""
    return {
        key.lower(): values[0]
        for operator, keys in statement.condition.items()
        if operator.lower() in _EQUAL
        for key, values in keys.items()
        if len(values) == 1 and _is_plain(values)
    }


def _is_plain(values: Iterable[str]) -> bool:
    return all(not set(value) & set("*?$") for value in values)
