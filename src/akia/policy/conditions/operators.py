"""Every condition operator that AWS defines, one row each (C3.3).

A row says how a comparison is made ready from the policy's values. A comparison answers, for one value of the request, whether it
matches any of them: True, False, or None when that cannot be told because one of the two sides is unreadable (C3.3-13).
"""

from __future__ import annotations

import operator as is_
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from akia.policy.conditions import values as read
from akia.policy.resource import arn_pattern
from akia.policy.values import Context
from akia.policy.variables import Template, parse, plain_text
from akia.policy.wildcard import COMPARISON_COST, GLOB_COST, TEMPLATE_COST, Budget, Globs, Pattern, glob

LENGTH_COST = 4
"""Measured costs, in steps: of a character whose letter case is put aside, and of one that a variable brings."""

Comparison = Callable[[str, Context, Budget], bool | None]
Maker = Callable[[Sequence[str], bool], Comparison]
"""(the policy's values, whether variables are read in them) -> the comparison."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A row. A negated operator holds when its comparison matches *none* of the policy's values (P1.2-3)."""

    name: str
    compare: Maker
    negated: bool = False


def _texts(fold: Callable[[str], str], cost: int = 0) -> Maker:
    """C3.3-1, C3.3-2: equal code points, after `fold`, which costs so many steps a character."""

    def make(policy_values: Sequence[str], variables: bool) -> Comparison:
        fixed, templates = _parsed(policy_values, variables, wildcards=False)
        known = frozenset(fold(plain_text(tokens)) for tokens in fixed)

        def compare(value: str, context: Context, budget: Budget) -> bool:
            if cost:
                budget.spend(cost * len(value))
            folded = fold(value)
            return folded in known or folded in [fold(plain_text(tokens)) for tokens in _resolved(templates, context, budget)]

        return compare

    return make


def _patterns(policy_values: Sequence[str], variables: bool) -> Comparison:
    """C3.3-3."""
    fixed, templates = _parsed(policy_values, variables, wildcards=True)
    globs = Globs(fixed)

    def compare(value: str, context: Context, budget: Budget) -> bool:
        if globs.match(value, budget):
            return True
        return any(glob(tokens).matches(value, budget) for tokens in _resolved(templates, context, budget))

    return compare


def _arns(policy_values: Sequence[str], variables: bool) -> Comparison:
    """C3.3-9: part by part; fewer than six parts on either side cannot be compared (C3.3-17)."""
    fixed, templates = _parsed(policy_values, variables, wildcards=True)
    made = [arn_pattern(tokens) for tokens in fixed]

    def compare(value: str, context: Context, budget: Budget) -> bool | None:
        if value.count(":") < 5:
            return None
        budget.spend(GLOB_COST * len(made))
        matchers = made + [arn_pattern(tokens) for tokens in _resolved(templates, context, budget)]
        if any(matcher(value, budget) for matcher in matchers if matcher):
            return True
        return None if None in matchers else False

    return compare


def _ordered(reader: Callable[[str], Any], relation: Callable[[Any, Any], bool]) -> Maker:
    """C3.3-4 to C3.3-8: both sides are read, then `relation(request value, policy value)` is asked."""

    def make(policy_values: Sequence[str], _: bool) -> Comparison:
        read_values = [reader(text) for text in policy_values]
        limits = [limit for limit in read_values if limit is not None]
        otherwise = None if len(limits) < len(read_values) else False

        def compare(value: str, _: Context, budget: Budget) -> bool | None:
            known = reader(value)
            if known is None:
                return None
            budget.spend(COMPARISON_COST * len(limits))
            return True if any(relation(known, limit) for limit in limits) else otherwise

        return compare

    return make


def _addresses(policy_values: Sequence[str], _: bool) -> Comparison:
    """C3.3-8: a family never matches a block of the other one."""
    read_values = [read.network(text) for text in policy_values]
    blocks = [block for block in read_values if block is not None]
    otherwise = None if len(blocks) < len(read_values) else False

    def compare(value: str, _: Context, budget: Budget) -> bool | None:
        known = read.address(value)
        if known is None:
            return None
        version, number = known
        budget.spend(COMPARISON_COST * len(blocks))
        return True if any(block.version == version and number & block.mask == block.first for block in blocks) else otherwise

    return compare


def _parsed(texts: Sequence[str], variables: bool, *, wildcards: bool) -> tuple[list[Pattern], list[Template]]:
    parsed = [parse(text, variables=variables, wildcards=wildcards) for text in texts]
    return (
        [value for value in parsed if not isinstance(value, Template)],
        [value for value in parsed if isinstance(value, Template)],
    )


def _resolved(templates: Sequence[Template], context: Context, budget: Budget) -> list[Pattern]:
    """The values whose variables all have a value. The others match nothing (P4.1-5, contested: `unresolved_variable_negated_matches`)."""
    if not templates:
        return []
    found = []
    for template in templates:
        budget.spend(TEMPLATE_COST)
        tokens = template.resolved(context)
        if tokens is not None:
            budget.spend(LENGTH_COST * sum(len(token) for token in tokens if isinstance(token, str)))
            found.append(tokens)
    return found


def _unchanged(text: str) -> str:
    return text


_equal, _ignoring_case = _texts(_unchanged), _texts(str.lower, LENGTH_COST)
_number, _date = read.number, read.instant

_ROWS = (
    Operator("StringEquals", _equal),
    Operator("StringNotEquals", _equal, negated=True),
    Operator("StringEqualsIgnoreCase", _ignoring_case),
    Operator("StringNotEqualsIgnoreCase", _ignoring_case, negated=True),
    Operator("StringLike", _patterns),
    Operator("StringNotLike", _patterns, negated=True),
    Operator("NumericEquals", _ordered(_number, is_.eq)),
    Operator("NumericNotEquals", _ordered(_number, is_.eq), negated=True),
    Operator("NumericLessThan", _ordered(_number, is_.lt)),
    Operator("NumericLessThanEquals", _ordered(_number, is_.le)),
    Operator("NumericGreaterThan", _ordered(_number, is_.gt)),
    Operator("NumericGreaterThanEquals", _ordered(_number, is_.ge)),
    Operator("DateEquals", _ordered(_date, is_.eq)),
    Operator("DateNotEquals", _ordered(_date, is_.eq), negated=True),
    Operator("DateLessThan", _ordered(_date, is_.lt)),
    Operator("DateLessThanEquals", _ordered(_date, is_.le)),
    Operator("DateGreaterThan", _ordered(_date, is_.gt)),
    Operator("DateGreaterThanEquals", _ordered(_date, is_.ge)),
    Operator("Bool", _ordered(read.truth, is_.eq)),
    Operator("BinaryEquals", _ordered(read.octets, is_.eq)),
    Operator("IpAddress", _addresses),
    Operator("NotIpAddress", _addresses, negated=True),
    Operator("ArnEquals", _arns),
    Operator("ArnNotEquals", _arns, negated=True),
    Operator("ArnLike", _arns),
    Operator("ArnNotLike", _arns, negated=True),
)
OPERATORS: Mapping[str, Operator] = {row.name.lower(): row for row in _ROWS}
"""By name in lower case (C3.1-2, contested: `operator_names_case_insensitive`). `Null` is no row: it compares nothing (C3.2-16)."""


class Name(NamedTuple):
    """An operator as it is written: `ForAllValues:StringLikeIfExists`."""

    over: str | None
    """`forallvalues`, `foranyvalue` or None."""
    operator: Operator | None
    """None for `Null`."""
    if_exists: bool


_NAME = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?", re.ASCII)


def operator_name(text: str) -> Name | None:
    """What `text` names, or None for what AWS does not define, `NullIfExists` included (C3.1-5, C3.3-11)."""
    found = _NAME.fullmatch(text.lower()) if text.isascii() else None
    if not found:
        return None
    over, name, if_exists = found.groups()
    if name == "null":
        return None if if_exists else Name(over, None, False)
    operator = OPERATORS.get(name)
    return Name(over, operator, bool(if_exists)) if operator else None
