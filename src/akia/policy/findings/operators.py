"""Condition operators, their qualifiers, and whether they suit their key (C3.1 to C3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.condition_keys import ValueType
from akia.policy.conditions import operator_name
from akia.policy.findings.condition_keys import known
from akia.policy.findings.finding import Found, Place, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Statement

rules = Rules()
_SUITS = {
    ValueType.STRING: ("String", "Binary"),
    ValueType.ARN: ("Arn", "String"),
    ValueType.BOOL: ("Bool", "String"),
    ValueType.DATE: ("Date",),
    ValueType.IP_ADDRESS: ("IpAddress", "NotIpAddress"),
    ValueType.NUMERIC: ("Numeric",),
}
"""How the operators begin that suit a type of key; the first is the one to recommend. Texts of ARNs and Booleans compare as texts too."""


@rules.statement("INVALID_CONDITION_OPERATOR", "NULL_WITH_IF_EXISTS")
def exist(statement: Statement) -> Iterator[Found]:
    """C3.1-5, C3.3-11. An operator without keys is judged too."""
    block = statement.members.get("Condition")
    for operator in block if isinstance(block, dict) else ():
        place = statement.name_of("Condition", operator)
        if operator.lower().rpartition(":")[2] == "nullifexists":
            yield found("NULL_WITH_IF_EXISTS", place)
        elif operator_name(operator) is None:
            yield found("INVALID_CONDITION_OPERATOR", place, operator=operator)


@rules.condition("NULL_WITH_QUALIFIER", "MISSING_QUALIFIER", "FORALLVALUES_WITH_SINGLE_VALUED_KEY")
def qualifier(statement: Statement, condition: Condition) -> Iterator[Found]:
    """C3.2-13, -14, -18, -19. Whether a key is multivalued is documented (P4.3-24)."""
    name, documented = condition.name, known(condition.key)
    if name is None:
        return
    operator = Place((*statement.path, "Condition", condition.operator), is_name=True)
    if condition.base == "Null":
        if name.over is not None:
            yield found("NULL_WITH_QUALIFIER", operator)
    elif documented and documented.multivalued and name.over is None:
        yield found("MISSING_QUALIFIER", condition.place, key=condition.key)
    elif documented and not documented.multivalued and name.over == "forallvalues":
        yield found("FORALLVALUES_WITH_SINGLE_VALUED_KEY", operator, condition.place, key=condition.key)


@rules.condition("TYPE_MISMATCH")
def suits(statement: Statement, condition: Condition) -> Iterator[Found]:
    """`aws:EpochTime` takes numbers too (C3.3-15)."""
    documented = known(condition.key)
    if documented is None or condition.base in {"", "Null"}:
        return
    fitting = _SUITS[documented.type] + (("Numeric",) if condition.key.lower() == "aws:epochtime" else ())
    if not condition.base.startswith(fitting):
        yield found("TYPE_MISMATCH", condition.place, expected=fitting[0], operator=condition.operator, key=condition.key)


@rules.condition(
    "EMPTY_ARRAY_CONDITION", "EMPTY_ARRAY_CONDITION_FORALLVALUES", "EMPTY_ARRAY_CONDITION_FORANYVALUE", "EMPTY_ARRAY_CONDITION_IFEXISTS"
)
def empty(statement: Statement, condition: Condition) -> Iterator[Found]:
    """C3.2-17."""
    if condition.types or condition.name is None:
        return
    over = {"forallvalues": "_FORALLVALUES", "foranyvalue": "_FORANYVALUE"}.get(condition.name.over or "", "")
    suffix = over or ("_IFEXISTS" if condition.name.if_exists else "")
    yield found(f"EMPTY_ARRAY_CONDITION{suffix}", condition.place._replace(is_name=False), key=condition.key)
