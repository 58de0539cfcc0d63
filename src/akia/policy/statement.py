"""A statement, compiled once and asked often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.action import Actions
from akia.policy.conditions import AnyCondition, compile_block
from akia.policy.principal import Principals
from akia.policy.resource import Resources

if TYPE_CHECKING:
    from akia.policy.decision import StatementRef
    from akia.policy.grammar import Document, StatementText
    from akia.policy.values import Context
    from akia.policy.wildcard import Budget


class Statement:
    """A statement applies if its principal, action, resource and condition parts all match (P1.2-1).

    The index has compared the action and `decide` the principal by the time `applies` is asked.
    """

    __slots__ = ("_conditions", "_resources", "actions", "allows", "denies", "principals", "ref")

    def __init__(self, document: Document, text: StatementText, ref: StatementRef) -> None:
        deny = text.is_deny
        self.ref = ref
        self.actions = Actions(text.action or text.not_action or (), negated=text.action is None)
        self.principals = _principals(text)
        self._resources = _resources(document, text)
        conditions = compile_block(text.condition, deny=deny, variables=document.has_variables)
        self.denies = deny
        self.allows = not deny and conditions is not None
        """A statement with an unknown operator never allows, and denies whatever its other conditions say (C3.1-5)."""
        self._conditions: tuple[AnyCondition, ...] = conditions or ()

    def applies(self, resource: str, context: Context, budget: Budget) -> bool:
        """Whether the resource and condition parts match. Raises TooMuchWork."""
        if self._resources is not None and not self._resources.match(resource, context, budget):
            return False
        for condition in self._conditions:  # noqa: SIM110 - setting up a generator costs more than this whole loop
            if not condition.holds(context, budget):
                return False
        return True


def _resources(document: Document, text: StatementText) -> Resources | None:
    """None: the element is absent, so the statement concerns whatever its policy is attached to (P1.7-1)."""
    listed = text.resource if text.resource is not None else text.not_resource
    if listed is None:
        return None
    negated = text.resource is None
    return Resources(listed, negated=negated, deny=text.is_deny, kind=document.kind, variables=document.has_variables)


def _principals(text: StatementText) -> Principals | None:
    listed = text.principal if text.principal is not None else text.not_principal
    return None if listed is None else Principals(listed, negated=text.principal is None)
