"""What a call leaves in the trail: its members in lower camel case, without what is secret (AC1.3, AC1.4, AC3.1, AC3.4).

Members whose shape is sensitive and blobs are dropped. The models do not mark everything: `_OVERRIDES` says the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from akia.wire import timestamps
from akia.wire.casing import lower_camel

if TYPE_CHECKING:
    from datetime import datetime

    from akia.wire.schema import Shape

Redact = Callable[[Any], Any]
RedactMembers = Callable[[Mapping[str, Any]], dict[str, Any]]

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


class Treatment(Enum):
    """What is written in place of a member that the model does not mark."""

    DROP = "drop"
    HIDE = "hide"
    DIGEST = "digest"


_OVERRIDES: Mapping[str, Mapping[str, Treatment]] = {
    "iam": {"AuthenticationCode1": Treatment.DROP, "AuthenticationCode2": Treatment.DROP},
    "sts": {"TokenCode": Treatment.DROP, "SessionToken": Treatment.DIGEST, "ContextAssertion": Treatment.DROP},
    "ssm": {"PutParameter.Value": Treatment.HIDE},
    "sso-oidc": {
        "assertion": Treatment.HIDE,
        "clientSecret": Treatment.HIDE,
        "code": Treatment.HIDE,
        "deviceCode": Treatment.HIDE,
        "userCode": Treatment.HIDE,
        "accessToken": Treatment.HIDE,
    },
    "signin": {"code": Treatment.HIDE, "codeVerifier": Treatment.DROP, "idToken": Treatment.DROP},
}
"""By service: a member's name, or `Operation.Member` for a top-level member of one operation (AC3.1 rows d, e, h, j; AC3.3)."""

_DATES: Mapping[str, Callable[[datetime], str]] = {
    "iam": timestamps.to_trail,
    "sts": lambda moment: timestamps.to_trail(moment, ","),
}


class Redaction:
    """Compiles shapes of one service into functions from members to what an event may say of them."""

    def __init__(self, service: str) -> None:
        self._write_date = _DATES.get(service, timestamps.to_iso_8601)
        self._overrides = _OVERRIDES.get(service, {})
        self._structures: dict[str, Redact] = {}

    def top(self, operation: str, shape: Shape | None) -> RedactMembers:
        """The function for the input or output of `operation`. It returns a new dictionary of strings, numbers, lists and dictionaries."""
        rows: list[tuple[str, str, Redact | None]] = []
        for name, member in shape.members.items() if shape else ():
            self._add(rows, name, member, self._overrides.get(f"{operation}.{name}"))
        return _structure_redactor(rows)

    def _add(self, rows: list[tuple[str, str, Redact | None]], name: str, member: Shape, treatment: Treatment | None) -> None:
        treatment = treatment or self._overrides.get(name)
        if treatment is not None:
            if treatment is not Treatment.DROP:
                rows.append((name, lower_camel(name), _hide if treatment is Treatment.HIDE else _digest))
        elif _may_be_told(member):
            rows.append((name, lower_camel(name), self._of(member)))

    def _of(self, shape: Shape) -> Redact | None:
        match shape.type:
            case "structure":
                return None if shape.document else self._structure(shape)
            case "list":
                return _list(self._of(shape.element))
            case "map":
                return _map(self._of(shape.value))
            case "timestamp":
                return self._write_date
            case _:
                return None

    def _structure(self, shape: Shape) -> Redact:
        if shape.name not in self._structures:
            rows: list[tuple[str, str, Redact | None]] = []
            self._structures[shape.name] = _structure_redactor(rows)
            for name, member in shape.members.items():
                self._add(rows, name, member, None)
        return self._structures[shape.name]


def _may_be_told(shape: Shape) -> bool:
    """Neither sensitive itself nor a container of what is; structures decide member by member."""
    if shape.sensitive or shape.type == "blob":
        return False
    if shape.type == "list":
        return _may_be_told(shape.element)
    return shape.type != "map" or (_may_be_told(shape.key) and _may_be_told(shape.value))


def _structure_redactor(rows: list[tuple[str, str, Redact | None]]) -> RedactMembers:
    def redact(value: Mapping[str, Any]) -> dict[str, Any]:
        told = {}
        for name, camel, redact_member in rows:
            member = value.get(name)
            if member is not None:
                told[camel] = member if redact_member is None else redact_member(member)
        return told

    return redact


def _list(redact: Redact | None) -> Redact | None:
    return None if redact is None else lambda value: [redact(element) for element in value]


def _map(redact: Redact | None) -> Redact | None:
    return None if redact is None else lambda value: {key: redact(element) for key, element in value.items()}


def _hide(_: Any) -> str:
    return HIDDEN


def _digest(value: str) -> str:
    """A session token by its SHA-256: enough to recognise it, useless to a thief (AC3.3)."""
    return sha256(value.encode()).hexdigest()
