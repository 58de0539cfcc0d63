"""The truth of one condition: `[ForAllValues:|ForAnyValue:]Operator[IfExists]`, a key, and the policy's values (C3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from akia.policy.conditions.operators import Comparison, Name, Operator, operator_name
from akia.policy.conditions.values import truth
from akia.policy.values import Conflicting, Context, Value

if TYPE_CHECKING:
    from akia.policy.wildcard import Budget


class Condition:
    """One key under one operator, compiled. `deny`: it stands in a Deny, where what is doubtful holds (fail closed)."""

    __slots__ = ("_compare", "_deny", "_empty", "_if_exists", "_is_plain", "_negated", "_over", "key")

    def __init__(
        self, over: str | None, operator: Operator, if_exists: bool, key: str, values: Sequence[str], *, deny: bool, variables: bool
    ) -> None:
        self.key = key.lower()  # C3.1-1
        self._over, self._if_exists, self._negated = over, if_exists, operator.negated
        self._deny = deny
        self._empty = not values
        self._is_plain = over is None and not self._empty
        self._compare: Comparison = operator.compare(values, variables)

    def holds(self, context: Context, budget: Budget) -> bool:
        """Whether the condition is met. Raises TooMuchWork."""
        present = context.get(self.key)
        if self._is_plain and isinstance(present, str):
            return self._one(present, context, budget)
        if isinstance(present, Conflicting):
            return self._deny  # C3.2-21
        if self._empty:
            return self._without_policy_values(present)
        if self._over == "forallvalues":
            return all(self._one(value, context, budget) for value in _as_set(present))
        if self._over == "foranyvalue":
            return any(self._one(value, context, budget) for value in _as_set(present))
        return self._plain(present, context, budget)

    def _plain(self, present: Value | None, context: Context, budget: Budget) -> bool:
        """C3.2-1 to C3.2-4, without a qualifier."""
        if present is None:
            return self._negated or self._if_exists
        if isinstance(present, str):
            return self._one(present, context, budget)
        if len(present) > 1:
            return False  # contested: plain_operator_on_many_values
        return self._one(present[0] if present else "", context, budget)  # contested: empty_string_is_ordinary_value

    def _one(self, value: str, context: Context, budget: Budget) -> bool:
        """`m(v)`, or `n(v)` of a negated operator. In doubt m fails, and n holds in a Deny only (C3.3-13)."""
        matched = self._compare(value, context, budget)
        if not self._negated:
            return matched is True
        return self._deny if matched is None else not matched

    def _without_policy_values(self, present: Value | None) -> bool:
        """The policy lists no value at all (C3.2-17)."""
        if self._over == "foranyvalue":
            return False
        if self._over == "forallvalues" or self._if_exists:
            return present is None
        return self._negated and self._deny


class NullCondition:
    """`Null`: is the key absent? (C3.2-11 to C3.2-16; contested: `null_on_empty_value`)."""

    __slots__ = ("_deny", "_over", "_wanted", "key")

    def __init__(self, over: str | None, key: str, values: Sequence[str], *, deny: bool) -> None:
        self.key = key.lower()
        self._over, self._deny = over, deny
        self._wanted = frozenset(map(truth, values))

    def holds(self, context: Context, _: Budget) -> bool:
        """Whether the condition is met."""
        present = context.get(self.key)
        if isinstance(present, Conflicting):
            return self._deny  # C3.2-21
        if self._over is not None:
            return self._over == "forallvalues"  # C3.2-13, C3.2-14
        return (present is None or present == ()) in self._wanted


AnyCondition = Condition | NullCondition
Block = Mapping[str, Mapping[str, Sequence[str]]]
"""Operator text -> key -> the policy's values."""


def _as_set(present: Value | None) -> tuple[str, ...]:
    """A single value is a set of one; what is absent or empty is the empty set (C3.2-5 to C3.2-10, C3.2-18)."""
    if not present or present == ("",):
        return ()
    return (present,) if isinstance(present, str) else present


def compile_block(block: Block, *, deny: bool, variables: bool) -> tuple[AnyCondition, ...] | None:
    """The conditions of a `Condition` element, all of which must hold; None if it names an operator that nobody knows (C3.1-5)."""
    conditions: list[AnyCondition] = []
    for text, keys in block.items():
        name = operator_name(text)
        if name is None:
            return None
        conditions += (_compiled(name, key, values, deny=deny, variables=variables) for key, values in keys.items())
    return tuple(conditions)


def _compiled(name: Name, key: str, values: Sequence[str], *, deny: bool, variables: bool) -> AnyCondition:
    if name.operator is None:
        return NullCondition(name.over, key, values, deny=deny)
    return Condition(name.over, name.operator, name.if_exists, key, values, deny=deny, variables=variables)
