"""Condition values: can their operator read them, and do they say what they seem to say (C3.3)?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws import regions
from akia.policy.conditions.values import instant, number, octets, truth
from akia.policy.findings.actions import is_wild
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules
from akia.policy.findings.variables import has_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Statement

rules = Rules()
_EPOCH = re.compile(r"[0-9]+", re.ASCII)
_FORMATS = {
    "aws:sourcevpc": ("INVALID_VPC_FORMAT", re.compile(r"vpc-(?:[a-z0-9]{8}|[a-z0-9]{17})", re.ASCII)),
    "aws:sourcevpce": ("INVALID_VPCE_FORMAT", re.compile(r"vpce-(?:[a-z0-9]{8}|[a-z0-9]{17})", re.ASCII)),
}


@rules.condition("TYPE_MISMATCH_BOOLEAN", "TYPE_MISMATCH_DATE", "TYPE_MISMATCH_NUMBER", "TYPE_MISMATCH_STRING", "INVALID_DATE_VALUE")
def readable(statement: Statement, condition: Condition) -> Iterator[Found]:
    """C3.3-4 to C3.3-7, C3.3-14, C3.2-16. Addresses have rules of their own; variables are complained of elsewhere."""
    base, operator = condition.base, condition.operator
    for value in condition.values:
        text, place = value
        if has_variable(text):
            continue
        if base in {"Bool", "Null"} and truth(text) is None:
            yield found("TYPE_MISMATCH_BOOLEAN", place, operator=operator)
        elif base.startswith("Numeric") and number(text) is None:
            yield found("TYPE_MISMATCH_NUMBER", place, operator=operator)
        elif base == "BinaryEquals" and octets(text) is None:
            yield found("TYPE_MISMATCH_STRING", place, operator=operator)
        elif base.startswith("Date") and instant(text) is None:
            yield found("TYPE_MISMATCH_DATE", place)
        elif base.startswith("Date") and _EPOCH.fullmatch(text):
            yield found("INVALID_DATE_VALUE", place, value=text)


@rules.condition("INVALID_CONDITION_DATA_TYPE", "INVALID_CONDITION_MULTIPLE_BOOLEAN")
def alike(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Values of one JSON type; a Boolean has no list."""
    place = condition.place._replace(is_name=False)
    if len(condition.types & {"string", "number", "boolean"}) > 1:
        yield found("INVALID_CONDITION_DATA_TYPE", place)
    if condition.base in {"Bool", "Null"} and len(condition.values) > 1:
        yield found("INVALID_CONDITION_MULTIPLE_BOOLEAN", place, key=condition.key)


@rules.condition("WILDCARD_WITHOUT_LIKE_OPERATOR")
def wildcards(statement: Statement, condition: Condition) -> Iterator[Found]:
    """C3.3-1, C3.3-2. ARN operators all take wildcards (C3.3-9); `${*}` is a plain star."""
    if condition.base.startswith("String") and not condition.base.endswith("Like"):
        for value in condition.values:
            if is_wild(value.text.replace("${*}", "").replace("${?}", "")):
                yield found("WILDCARD_WITHOUT_LIKE_OPERATOR", value.place)


@rules.condition("INVALID_REGION", "INVALID_VPC_FORMAT", "INVALID_VPCE_FORMAT")
def formats(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Values of keys whose values are known. Only those without wildcards and variables are judged."""
    key = condition.key.lower()
    for text, place in condition.values if condition.base.startswith("String") else ():
        if is_wild(text) or has_variable(text):
            continue
        if key == "aws:requestedregion" and text not in regions.NAMES and text != "aws-global":
            yield found("INVALID_REGION", place, region=text)
        if key in _FORMATS and not _FORMATS[key][1].fullmatch(text):
            yield found(_FORMATS[key][0], place)


@rules.condition("REDUNDANT_CONDITION_VALUE_NUM")
def redundant_numbers(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Less than 2 or less than 3 is less than 3."""
    chosen = max if condition.base.startswith("NumericLess") else min if condition.base.startswith("NumericGreater") else None
    numbers = {read: value.text for value in condition.values if (read := number(value.text)) is not None}
    if chosen and len(numbers) > 1:
        place = condition.place._replace(is_name=False)
        yield found("REDUNDANT_CONDITION_VALUE_NUM", place, key=condition.key, value=numbers[chosen(numbers)])
