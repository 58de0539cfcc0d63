"""`Principal` and `NotPrincipal` (P2.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.policy.findings.actions import is_wild
from akia.policy.findings.finding import Found, PolicyType, found
from akia.policy.findings.rules import Rules
from akia.policy.grammar import PRINCIPAL_KINDS
from akia.policy.principal_syntax import is_sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Principal, Statement

rules = Rules()
ELEMENTS = ("Principal", "NotPrincipal")
SERVICE_FORMAT = "service-name.amazonaws.com"
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?", re.ASCII)
_ROLE_ID, _USER_ID = re.compile(r"AROA[A-Z0-9]{12,124}", re.ASCII), re.compile(r"AIDA[A-Z0-9]{12,124}", re.ASCII)


def is_service_name(text: str) -> bool:
    """Whether `text` has the format of service principals."""
    return _SERVICE.fullmatch(text) is not None


@rules.statement("INVALID_PRINCIPAL_FORMAT", "INVALID_PRINCIPAL_KEY")
def form(statement: Statement) -> Iterator[Found]:
    """P2.3-9: a bare text is `*` or no principal; the keys are four."""
    for element in ELEMENTS:
        named = statement.members.get(element)
        if isinstance(named, str) and named != "*":
            yield found("INVALID_PRINCIPAL_FORMAT", statement.at(element))
        for key in named if isinstance(named, dict) else ():
            if key not in PRINCIPAL_KINDS:
                yield found("INVALID_PRINCIPAL_KEY", statement.name_of(element, key), key=key)


@rules.statement(
    "FEDERATED_PRINCIPAL_NOT_SUPPORTED",
    "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
    "INVALID_PRINCIPAL_FORMAT",
    "INVALID_ROLE_REFERENCE",
    "INVALID_SERVICE_PRINCIPAL_FORMAT",
    "INVALID_USER_REFERENCE",
    "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
)
def values(statement: Statement) -> Iterator[Found]:
    """P2.3-2 to P2.3-8. Of several complaints about one principal the first is told."""
    for element in ELEMENTS:
        for principal in statement.principals_of(element):
            if "${" not in principal.text and principal.key in PRINCIPAL_KINDS:
                yield from _judged(statement, principal)


def _judged(statement: Statement, principal: Principal) -> Iterator[Found]:
    key, text, place = principal
    if is_wild(text):
        if (key, text) != ("AWS", "*"):
            yield found("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", place, key=key)
    elif key == "AWS" and _ROLE_ID.fullmatch(text):
        yield found("INVALID_ROLE_REFERENCE", place, id=text)
    elif key == "AWS" and _USER_ID.fullmatch(text):
        yield found("INVALID_USER_REFERENCE", place, id=text)
    elif key == "Service":
        if not is_service_name(text):
            yield found("INVALID_SERVICE_PRINCIPAL_FORMAT", place, format=SERVICE_FORMAT)
    elif key == "Federated":
        yield from _federated(statement, principal)
    elif not is_sound(key, text):
        yield found("INVALID_PRINCIPAL_FORMAT", place)


def _federated(statement: Statement, principal: Principal) -> Iterator[Found]:
    draft = statement.draft
    if draft.resource_type is not None and not draft.is_trust:
        yield found("FEDERATED_PRINCIPAL_NOT_SUPPORTED", principal.place)
    elif not is_sound(principal.key, principal.text):
        yield found("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", principal.place)


@rules.statement("ALLOW_WITH_NOT_PRINCIPAL")
def not_principal(statement: Statement) -> Iterator[Found]:
    """P1.9-1. Where NotPrincipal is no element at all, other rules say so."""
    if statement.allows and "NotPrincipal" in statement.members and statement.draft.type is PolicyType.RESOURCE:
        yield found("ALLOW_WITH_NOT_PRINCIPAL", statement.name_of("NotPrincipal"), statement.at("Effect"))
