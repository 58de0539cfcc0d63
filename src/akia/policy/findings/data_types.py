"""The JSON types of a document's parts (P5.1-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from akia.policy.findings.draft import json_type
from akia.policy.findings.finding import Found, Place, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from akia.policy.findings.draft import Draft, Statement

rules = Rules()
Check = Callable[[object, Place], Iterator[Found]]


def _mismatch(place: Place, expected: str) -> Iterator[Found]:
    yield found("DATA_TYPE_MISMATCH", place, expected=expected)


def _text(value: object, place: Place) -> Iterator[Found]:
    if json_type(value) != "string":
        yield from _mismatch(place, "string")


def _list_of(check: Check) -> Check:
    """A list, or one item without brackets."""

    def listed(value: object, place: Place) -> Iterator[Found]:
        for index, item in enumerate(value) if isinstance(value, list) else ():
            yield from check(item, _below(place, index))
        if not isinstance(value, list):
            yield from check(value, place)

    return listed


def _object_of(check: Check) -> Check:
    def members(value: object, place: Place) -> Iterator[Found]:
        if not isinstance(value, dict):
            yield from _mismatch(place, "object")
            return
        for name, item in value.items():
            yield from check(item, _below(place, name))

    return members


def _scalar(value: object, place: Place) -> Iterator[Found]:
    if json_type(value) not in {"string", "number", "boolean"}:
        yield from _mismatch(place, "string, number or boolean")


def _principal(value: object, place: Place) -> Iterator[Found]:
    """A bare text is judged as a principal (`INVALID_PRINCIPAL_FORMAT`)."""
    if json_type(value) != "string":
        yield from _object_of(_list_of(_text))(value, place)


def _below(place: Place, step: str | int) -> Place:
    return Place((*place.path, step))


_TEXTS = _list_of(_text)
_STATEMENT: Mapping[str, Check] = {
    "Sid": _text,
    "Effect": _text,
    "Principal": _principal,
    "NotPrincipal": _principal,
    "Action": _TEXTS,
    "NotAction": _TEXTS,
    "Resource": _TEXTS,
    "NotResource": _TEXTS,
    "Condition": _object_of(_object_of(_list_of(_scalar))),
}


@rules.document("DATA_TYPE_MISMATCH")
def document(draft: Draft) -> Iterator[Found]:
    """A document is an object; its statements are objects."""
    if not isinstance(draft.value, dict):
        yield from _mismatch(Place(()), "object")
    for name in ("Version", "Id"):
        if name in draft.members:
            yield from _text(draft.members[name], Place((name,)))
    if "Statement" in draft.members:
        yield from _list_of(_any_object)(draft.members["Statement"], Place(("Statement",)))


def _any_object(value: object, place: Place) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield from _mismatch(place, "object")


@rules.statement("DATA_TYPE_MISMATCH")
def statement(statement: Statement) -> Iterator[Found]:
    """Each element has its type."""
    for name, check in _STATEMENT.items():
        if name in statement.members:
            yield from check(statement.members[name], statement.at(name))
