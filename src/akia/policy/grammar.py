"""The grammar of policy documents (P5.1): from JSON to statements whose shape is certain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from akia.policy.strict_json import Number, is_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.policy.conditions import Block
    from akia.policy.kind import Kind

VERSIONS = ("2008-10-17", "2012-10-17")
"""A document without `Version` is of the first (P4.1-1)."""
PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")

Texts = tuple[str, ...]
Shaped = TypeVar("Shaped")


class BadGrammar(Exception):
    """The document is JSON but no policy (P5.2-1). What is wrong is for the log: AWS's answer does not tell."""


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement as it was written; an absent element is None."""

    sid: str | None
    effect: str
    principal: Mapping[str, Texts] | None
    not_principal: Mapping[str, Texts] | None
    action: Texts | None
    not_action: Texts | None
    resource: Texts | None
    not_resource: Texts | None
    condition: Block

    @property
    def is_deny(self) -> bool:
        """Whether it is written to deny; letter case is `validate`'s affair."""
        return self.effect.lower() == "deny"


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document of sound grammar."""

    text: str
    kind: Kind
    version: str | None
    id: str | None
    statements: tuple[StatementText, ...]

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` means anything in it (P4.1-1)."""
        return self.version == VERSIONS[1]


_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PAIRS = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))


def document(text: str, kind: Kind, value: object) -> Document:
    """The document that the JSON `value` of `text` is. Raises BadGrammar."""
    members = _object(value, _DOCUMENT_ELEMENTS)
    version = _optional(members, "Version", _text)
    if version is not None and version not in VERSIONS:
        raise BadGrammar("Version")
    listed = members.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    return Document(text, kind, version, _optional(members, "Id", _text), tuple(_statement(item) for item in statements))


def _statement(value: object) -> StatementText:
    members = _object(value, _STATEMENT_ELEMENTS)
    for one, other in _PAIRS:
        if one in members and other in members:
            raise BadGrammar(f"{one} and {other}")
    effect = _text(members.get("Effect"))
    if effect.lower() not in {"allow", "deny"}:
        raise BadGrammar("Effect")
    return StatementText(
        sid=_optional(members, "Sid", _text),
        effect=effect,
        principal=_optional(members, "Principal", _principal),
        not_principal=_optional(members, "NotPrincipal", _principal),
        action=_optional(members, "Action", _texts),
        not_action=_optional(members, "NotAction", _texts),
        resource=_optional(members, "Resource", _texts),
        not_resource=_optional(members, "NotResource", _texts),
        condition=_optional(members, "Condition", _condition) or {},
    )


def _object(value: object, names: frozenset[str] | None = None) -> dict[str, object]:
    if not isinstance(value, dict) or (names is not None and not names.issuperset(value)):
        raise BadGrammar("element")
    return value


def _optional(members: Mapping[str, object], name: str, shape: Callable[[object], Shaped]) -> Shaped | None:
    return shape(members[name]) if name in members else None


def _text(value: object) -> str:
    if not is_text(value):
        raise BadGrammar("text")
    return str(value)


def _texts(value: object) -> Texts:
    """A list may be a bare string (P5.1-1)."""
    return tuple(map(_text, value if isinstance(value, list) else [value]))


def _principal(value: object) -> Mapping[str, Texts]:
    """`"*"` is short for `{"AWS": "*"}` (P2.3-1); no other bare string is a principal (P2.3-9)."""
    if value == "*":
        return {"AWS": ("*",)}
    return {name: _texts(listed) for name, listed in _object(value, frozenset(PRINCIPAL_KINDS)).items()}


def _condition(value: object) -> Block:
    return {_text(operator): _keys(keys) for operator, keys in _object(value).items()}


def _keys(value: object) -> Mapping[str, Texts]:
    members = _object(value)
    if not members:
        raise BadGrammar("condition operator without keys")
    return {_text(key): _condition_values(listed) for key, listed in members.items()}


def _condition_values(value: object) -> Texts:
    return tuple(map(_condition_value, value if isinstance(value, list) else [value]))


def _condition_value(value: object) -> str:
    """Numbers and booleans become text (C3.1-4)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, Number) else _text(value)


_SID = re.compile(r"[A-Za-z0-9]*", re.ASCII)


def is_plain_sid(sid: str) -> bool:
    """Whether `sid` fits every kind of policy; resource policies are freer (P5.1-3)."""
    return _SID.fullmatch(sid) is not None
