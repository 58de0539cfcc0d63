"""Which elements a document and its statements have (P5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.draft import json_type
from akia.policy.findings.finding import Found, Place, PolicyType, found
from akia.policy.findings.rules import Rules
from akia.policy.grammar import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Draft, Statement

rules = Rules()
_DOCUMENT = ("Version", "Id", "Statement")
_STATEMENT = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_PAIRS = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))


@rules.document("INVALID_POLICY_ELEMENT", "MISSING_STATEMENT")
def document(draft: Draft) -> Iterator[Found]:
    """P5.1-1. Names count in exact case (P5.1-2)."""
    for name in draft.members:
        if name not in _DOCUMENT:
            yield found("INVALID_POLICY_ELEMENT", Place((name,), is_name=True), element=name)
    if isinstance(draft.value, dict) and draft.members.get("Statement", []) == []:
        yield found("MISSING_STATEMENT", Place(("Statement",) if "Statement" in draft.members else ()))


@rules.document("INVALID_VERSION", "MISSING_VERSION")
def version(draft: Draft) -> Iterator[Found]:
    """P5.1-2, P4.1-1."""
    if draft.version is not None and draft.version not in VERSIONS:
        yield found("INVALID_VERSION", Place(("Version",)), version=draft.version, versions=", ".join(reversed(VERSIONS)))
    if isinstance(draft.value, dict) and "Version" not in draft.members:
        yield found("MISSING_VERSION", Place(()))


@rules.statement("INVALID_POLICY_ELEMENT", "UNSUPPORTED_ELEMENT_COMBINATION")
def elements(statement: Statement) -> Iterator[Found]:
    """P5.1-1."""
    for name in statement.members:
        if name not in _STATEMENT:
            yield found("INVALID_POLICY_ELEMENT", statement.name_of(name), element=name)
    for one, other in _PAIRS:
        if one in statement.members and other in statement.members:
            yield found("UNSUPPORTED_ELEMENT_COMBINATION", statement.name_of(one), statement.name_of(other), one=one, other=other)


@rules.statement("MISSING_EFFECT", "INVALID_EFFECT")
def effect(statement: Statement) -> Iterator[Found]:
    """P5.1-2: exactly these letters."""
    if "Effect" not in statement.members:
        yield found("MISSING_EFFECT", statement.at())
    elif json_type(statement.members["Effect"]) == "string" and statement.effect not in {"Allow", "Deny"}:
        yield found("INVALID_EFFECT", statement.at("Effect"), effect=statement.effect)


@rules.statement("MISSING_ACTION", "MISSING_RESOURCE", "MISSING_PRINCIPAL")
def required(statement: Statement) -> Iterator[Found]:
    """P5.1-1. A resource policy may leave Resource out unless its resource is of a type whose service wants it."""
    draft = statement.draft
    if not _has(statement, "Action", "NotAction"):
        yield found("MISSING_ACTION", statement.at())
    wants_resource = not draft.is_trust and (draft.type is not PolicyType.RESOURCE or draft.resource_type is not None)
    if wants_resource and not _has(statement, "Resource", "NotResource"):
        yield found("MISSING_RESOURCE", statement.at())
    if draft.names_principals and not _has(statement, "Principal", "NotPrincipal"):
        yield found("MISSING_PRINCIPAL", statement.at())


def _has(statement: Statement, *names: str) -> bool:
    return any(name in statement.members for name in names)


@rules.statement("EMPTY_ARRAY_ACTION", "EMPTY_ARRAY_RESOURCE", "EMPTY_OBJECT_CONDITION", "EMPTY_OBJECT_PRINCIPAL", "EMPTY_ARRAY_PRINCIPAL")
def empty(statement: Statement) -> Iterator[Found]:
    """Elements that hold nothing."""
    members = statement.members
    for code, names in (("EMPTY_ARRAY_ACTION", ("Action", "NotAction")), ("EMPTY_ARRAY_RESOURCE", ("Resource", "NotResource"))):
        for name in names:
            if members.get(name) == []:
                yield found(code, statement.at(name))
    if members.get("Condition") == {}:
        yield found("EMPTY_OBJECT_CONDITION", statement.at("Condition"))
    for name in ("Principal", "NotPrincipal"):
        named = members.get(name)
        if named == {}:
            yield found("EMPTY_OBJECT_PRINCIPAL", statement.at(name))
        for key, listed in named.items() if isinstance(named, dict) else ():
            if listed == []:
                yield found("EMPTY_ARRAY_PRINCIPAL", statement.at(name, key))
