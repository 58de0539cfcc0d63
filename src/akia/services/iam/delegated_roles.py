"""Roles that delegated access may create: they outlive it, so it is told what bounds them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia import policy
from akia.policy import Kind
from akia.policy.access import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy import Document, StatementText

CREATE_ROLE = "iam:CreateRole"
_EQUAL = frozenset({"stringequals", "arnequals", "arnlike", "stringlike"})
"""The operators that demand a boundary. Those that end in IfExists let a role without one pass."""


def creating_statements(text: str) -> list[StatementText]:
    """The statements of the policy that allow to create roles."""
    document = policy.parse(text, Kind.SESSION)
    return [statement for statement in document.statements if CREATE_ROLE in Reach([alone(document, statement)]).actions("iam")]


def boundaries_of_new_roles(text: str) -> list[str]:
    """`RolePermissionRestrictionArns`: the boundaries that statements which allow to create roles demand one of, each once."""
    found = [arn for statement in creating_statements(text) for arn in _boundaries(statement)]
    return list(dict.fromkeys(found))


def all_are_bounded(text: str) -> bool:
    """Whether every statement that allows to create roles demands a boundary."""
    return all(any(_boundaries(statement)) for statement in creating_statements(text))


def alone(document: Document, statement: StatementText) -> Document:
    """A document of this one statement."""
    return replace(document, statements=(statement,))


def _boundaries(statement: StatementText) -> Iterator[str]:
    for operator, keys in statement.condition.items():
        if operator.lower() in _EQUAL:
            for key, values in keys.items():
                if key.lower() == "iam:permissionsboundary":
                    yield from values
