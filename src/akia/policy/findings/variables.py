"""Policy variables: where they work, and their form (P4.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.policy.findings.draft import Text
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules
from akia.policy.grammar import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Statement
    from akia.policy.findings.finding import Place

rules = Rules()
_OPENING = re.compile(r"\$\{[^}]*\}?", re.ASCII)
_ESCAPES = frozenset({"${*}", "${?}", "${$}"})
WITH_VARIABLES = ("String", "Arn")
"""How the operators begin that read variables (P4.1-2)."""
_FORMS = ("EMPTY_VARIABLE", "MISSING_BRACE_IN_VARIABLE", "MISSING_QUOTE_IN_VARIABLE", "UNSUPPORTED_SPACE_IN_VARIABLE")


def has_variable(text: str) -> bool:
    """Whether there is a variable in `text`; escapes of single characters are none."""
    return any(match[0] not in _ESCAPES for match in _OPENING.finditer(text))


def _variables(text: Text) -> Iterator[tuple[str, Place]]:
    for match in _OPENING.finditer(text.text):
        if match[0] not in _ESCAPES:
            yield match[0], text.place._replace(start=match.start(), length=len(match[0]))


@rules.statement("VARIABLE_UNSUPPORTED_IN_ELEMENT")
def unsupported(statement: Statement) -> Iterator[Found]:
    """P4.1-2: not in actions, principals, effect, Sid; names of condition keys are judged as keys."""
    named = [principal for element in ("Principal", "NotPrincipal") for principal in statement.principals_of(element)]
    texts = [*statement.texts("Sid", "Effect", "Action", "NotAction"), *(Text(each.text, each.place) for each in named)]
    for text in texts:
        for variable, place in _variables(text):
            yield found("VARIABLE_UNSUPPORTED_IN_ELEMENT", place, variable=variable)


@rules.statement("VARIABLE_UNSUPPORTED_IN_VERSION", *_FORMS)
def in_resources(statement: Statement) -> Iterator[Found]:
    """P4.1-1, P4.1-6."""
    for text in statement.texts("Resource", "NotResource"):
        yield from _judged(statement, text)


@rules.condition("INVALID_VARIABLE_FOR_OPERATOR", "VARIABLE_UNSUPPORTED_IN_VERSION", *_FORMS)
def in_conditions(statement: Statement, condition: Condition) -> Iterator[Found]:
    """P4.1-2; contested: `no_variables_in_bool_and_ip`."""
    for value in condition.values:
        if condition.base.startswith(WITH_VARIABLES):
            yield from _judged(statement, value)
        elif condition.name is not None and has_variable(value.text):
            yield found("INVALID_VARIABLE_FOR_OPERATOR", value.place)


def _judged(statement: Statement, text: Text) -> Iterator[Found]:
    for variable, place in _variables(text):
        if statement.draft.version != VERSIONS[1]:
            yield found("VARIABLE_UNSUPPORTED_IN_VERSION", place)
            return
        code = _complaint(variable)
        if code:
            yield found(code, place)


def _complaint(variable: str) -> str | None:
    if not variable.endswith("}"):
        return "MISSING_BRACE_IN_VARIABLE"
    name, comma, default = variable[2:-1].partition(",")
    if not name.strip():
        return "EMPTY_VARIABLE"
    if " " in name:
        return "UNSUPPORTED_SPACE_IN_VARIABLE"
    quoted = default.strip()
    if comma and not (len(quoted) >= 2 and quoted[0] == quoted[-1] == "'"):
        return "MISSING_QUOTE_IN_VARIABLE"
    return None
