"""Conditions, compared by their structure: what follows from what, whatever the request (C3.1 to C3.3).

Every answer is "certainly" or "not known". Only a condition that follows under the engine's own reading of missing and manifold values
(C3.2) counts: the qualifier is the same, a negated operator lists more, a positive one less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from akia.policy.access.patterns import Fuel, included, resource_letters, text_letters
from akia.policy.conditions import operator_name
from akia.policy.conditions.values import Network, instant, network, number, truth
from akia.policy.kind import Kind

if TYPE_CHECKING:
    from akia.policy.conditions import Block

NULL = "Null"


class Value(NamedTuple):
    """A policy value; `template`: it has variables that are read."""

    text: str
    template: bool


class Condition(NamedTuple):
    """One key under one operator (canonical name without qualifier and suffix); `key` in lower case."""

    over: str | None
    operator: str
    if_exists: bool
    key: str
    values: frozenset[Value]

    @property
    def negated(self) -> bool:
        return "Not" in self.operator


Conditions = frozenset[Condition]


def conditions(block: Block, *, variables: bool) -> Conditions:
    """All that must hold. An operator that nobody knows does not occur: such documents are refused (C3.1-5)."""
    found = set()
    for text, keys in block.items():
        name = operator_name(text)
        if name is not None:
            operator = name.operator.name if name.operator else NULL
            for key, values in keys.items():
                read = frozenset(Value(value, variables and "${" in value) for value in values)
                found.add(Condition(name.over, operator, name.if_exists, key.lower(), read))
    return frozenset(found)


def imply(given: Conditions, wanted: Conditions, fuel: Fuel) -> bool:
    """Whether `wanted` certainly holds where `given` does. Raises TooComplex."""
    return all(any(_implies(one, other, fuel) for one in given) for other in wanted)


def exclude(one: Conditions, other: Conditions, fuel: Fuel) -> bool:
    """Whether both certainly never hold together. Raises TooComplex."""
    return any(_excludes(given, denied, fuel) for given in one for denied in other)


def _implies(given: Condition, wanted: Condition, fuel: Fuel) -> bool:
    if given.key != wanted.key:
        return False
    if given == wanted:
        return True
    if wanted.operator == NULL:
        return wanted.over is None and {_truth(value) for value in wanted.values} == {False} and _needs_key(given)
    same = given.over == wanted.over and not (given.if_exists and not wanted.if_exists)
    if not same or given.operator == NULL:
        return False
    if given.negated:
        return given.operator == wanted.operator and wanted.values <= given.values
    return all(_is_among(value, given.operator, wanted, fuel) for value in given.values)


def _needs_key(given: Condition) -> bool:
    """Whether the condition fails when the key is missing (C3.2-1, -7)."""
    if given.operator == NULL or given.negated or given.if_exists:
        return False
    return given.over is None or given.over == "foranyvalue"


def _truth(value: Value) -> bool | None:
    return truth(value.text)


def _is_among(value: Value, operator: str, wanted: Condition, fuel: Fuel) -> bool:
    """Whether what matches `value` under `operator` matches some value of `wanted` under its operator."""
    if value in wanted.values and (operator == wanted.operator or (_WIDER.get(operator) == wanted.operator and not _is_wild(value.text))):
        return True
    if value.template or any(other.template for other in wanted.values):
        return False
    compare = _COMPARISONS.get((operator, wanted.operator))
    return compare is not None and compare(value.text, [other.text for other in wanted.values], fuel)


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


Comparison = Callable[[str, list[str], Fuel], bool]


def _equal(text: str, others: list[str], _: Fuel) -> bool:
    return text in others


def _equal_ignoring_case(text: str, others: list[str], _: Fuel) -> bool:
    return text.lower() in map(str.lower, others)


def _like(text: str, others: list[str], fuel: Fuel) -> bool:
    return included(text_letters(text), list(map(text_letters, others)), fuel)


def _text_like(text: str, others: list[str], fuel: Fuel) -> bool:
    """A plain text, whose stars are no wildcards, against patterns."""
    return included(tuple(text), list(map(text_letters, others)), fuel)


def _arn_like(text: str, others: list[str], fuel: Fuel) -> bool:
    wanted = [_arn(other) for other in others]
    given = _arn(text)
    return given is not None and included(given, [letters for letters in wanted if letters is not None], fuel)


def _arn(text: str) -> tuple[Any, ...] | None:
    if text.count(":") < 5:
        return None
    return resource_letters(text, Kind.RCP, variables=False, wide=False, guess=False)


def _within(text: str, others: list[str], _: Fuel) -> bool:
    given = network(text)
    return given is not None and any(_holds(wide, given) for wide in map(network, others))


def _holds(wide: Network | None, narrow: Network) -> bool:
    return wide is not None and wide.version == narrow.version and wide.mask <= narrow.mask and narrow.first & wide.mask == wide.first


def _ordered(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Comparison:
    def compare(text: str, others: list[str], _: Fuel) -> bool:
        given = read(text)
        limits = [limit for limit in map(read, others) if limit is not None]
        return given is not None and any(holds(given, limit) for limit in limits)

    return compare


def _orders(kind: str, read: Callable[[str], Any]) -> Mapping[tuple[str, str], Comparison]:
    less, greater = _ordered(read, lambda given, limit: given <= limit), _ordered(read, lambda given, limit: given >= limit)
    strictly_less = _ordered(read, lambda given, limit: given < limit)
    strictly_greater = _ordered(read, lambda given, limit: given > limit)
    under, up_to, over, from_ = f"{kind}LessThan", f"{kind}LessThanEquals", f"{kind}GreaterThan", f"{kind}GreaterThanEquals"
    equal = f"{kind}Equals"
    return {
        (equal, equal): _ordered(read, lambda given, limit: given == limit),
        **dict.fromkeys([(under, under), (under, up_to), (up_to, up_to), (equal, up_to)], less),
        **dict.fromkeys([(over, over), (over, from_), (from_, from_), (equal, from_)], greater),
        **dict.fromkeys([(up_to, under), (equal, under)], strictly_less),
        **dict.fromkeys([(from_, over), (equal, over)], strictly_greater),
    }


_ARNS = ("ArnEquals", "ArnLike")
_COMPARISONS: Mapping[tuple[str, str], Comparison] = {
    ("StringEquals", "StringEquals"): _equal,
    ("StringEquals", "StringLike"): _text_like,
    ("StringEquals", "StringEqualsIgnoreCase"): _equal_ignoring_case,
    ("StringEqualsIgnoreCase", "StringEqualsIgnoreCase"): _equal_ignoring_case,
    ("StringLike", "StringLike"): _like,
    ("Bool", "Bool"): _ordered(truth, lambda given, limit: given is limit),
    ("BinaryEquals", "BinaryEquals"): _equal,
    ("IpAddress", "IpAddress"): _within,
    **{(one, other): _arn_like for one in _ARNS for other in _ARNS},
    **_orders("Numeric", number),
    **_orders("Date", instant),
}
_WIDER = {"StringEquals": "StringLike"}


_OPPOSITES = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def opposite(condition: Condition) -> Condition | None:
    """What a request must satisfy for a Deny with the plain, negated `condition` to spare it: the key is there and its one value is
    listed (C3.2-3, C3.2-4, C3.2-15). None for conditions of another form."""
    operator = _OPPOSITES.get(condition.operator)
    if operator is None or condition.over is not None:
        return None
    return Condition(None, operator, False, condition.key, condition.values)


def _excludes(given: Condition, denied: Condition, fuel: Fuel) -> bool:
    """`given` stands in an Allow, `denied` in a Deny."""
    spared = opposite(denied)
    if spared is not None and _implies(given, spared, fuel):
        return True
    mirrored = opposite(given)
    if mirrored is not None and denied.over is None and not denied.if_exists and _implies(denied, mirrored, fuel):
        return True
    return given.key == denied.key and _are_disjoint(given, denied)


def _are_disjoint(given: Condition, denied: Condition) -> bool:
    """Plain equalities with values that have nothing in common; one value cannot be two."""
    if given.over or denied.over or given.if_exists or denied.if_exists or given.operator != denied.operator:
        return False
    values: Iterable[Value] = given.values | denied.values
    if given.operator not in {"StringEquals", "Bool"} or any(value.template for value in values):
        return False
    fold = str.lower if given.operator == "Bool" else str
    return {fold(value.text) for value in given.values}.isdisjoint(fold(value.text) for value in denied.values)
