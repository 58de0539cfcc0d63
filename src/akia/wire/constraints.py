"""The constraints of a model, compiled into checks, and AWS's words for what breaks them (W9.4, P5.3-2).

A broken constraint reads "Value 'x' at 'tags.1.member.key' failed to satisfy constraint: Member must ...". IAM leaves the value out, and so
do we wherever a value is sensitive, long, or not a scalar. Scalars in lists and maps are reported once for the whole container, with all
constraints of the element, as AWS does. Lengths count characters of strings, bytes of blobs and elements of containers.

A service may have words of its own for a pattern: IAM checks the characters of names, paths and documents itself, after everything else,
and says "The specified value for userName is invalid. It must ..." of the first that is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ValidationError
from akia.wire import patterns
from akia.wire.casing import lower_camel

if TYPE_CHECKING:
    from akia.wire.schema import Shape

Check = Callable[[Any, str, list[str]], None]
"""(value, its path, the list to which violations are added)."""

Requirement = tuple[str, Callable[[Any], bool]]
"""The sentence that AWS prints, and the test of a value."""

MAX_QUOTED = 2_048
"""Longer values are not quoted in messages."""

MAX_LISTED = 100
"""So many violations are spelt out; all are counted."""

_PATTERN = "Member must satisfy regular expression pattern:"
_NUMBERS = frozenset({"integer", "long", "float", "double"})
_QUOTED = _NUMBERS | {"string", "boolean"}
_CONTAINERS = frozenset({"structure", "list", "map"})


class InOwnWords(str):
    """A violation that is told alone, and only if there is no other."""

    __slots__ = ()


def validation_error(violations: list[str]) -> ValidationError:
    """AWS's error for one or more violations."""
    counted = [violation for violation in violations if not isinstance(violation, InOwnWords)]
    if not counted:
        return ValidationError(violations[0])
    plural = "" if len(counted) == 1 else "s"
    return ValidationError(f"{len(counted)} validation error{plural} detected: " + "; ".join(counted[:MAX_LISTED]))


class Constraints:
    """Compiles shapes into checks. `quote_values` is False for the service that leaves values out of its messages; `own_words` has what
    it says of strings that do not match their pattern, by the member's path or by the pattern, with `{}` for the path."""

    def __init__(self, *, quote_values: bool, own_words: Mapping[str, str] = MappingProxyType({})) -> None:
        self._quote_values = quote_values
        self._own_words = own_words
        self._structures: dict[str, Check | None] = {}

    def of(self, shape: Shape) -> Check | None:
        """The check of `shape`, or None if there is nothing to check."""
        match shape.type:
            case "structure":
                return None if shape.document else self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "string":
                return self._string(shape)
            case _:
                return self._report(shape, _requirements(shape))

    def _string(self, shape: Shape) -> Check | None:
        report, wording = self._report(shape, _requirements(shape)), _wording(shape)
        if report is None or len(wording) > 1:
            return report
        low, high = shape.traits.get("min", 0), shape.traits.get("max", sys.maxsize)
        test = wording[0][1] if wording else None

        def check(value: str, path: str, found: list[str]) -> None:
            if not (low <= len(value) <= high and (test is None or test(value))):
                report(value, path, found)

        return check

    def _structure(self, shape: Shape) -> Check | None:
        if shape.name in self._structures:
            return self._structures[shape.name]
        rows: list[tuple[str, str, bool, Check | None]] = []

        def check(value: Mapping[str, Any], path: str, found: list[str]) -> None:
            for name, camel, required, check_member in rows:
                member = value.get(name)
                if member is None:
                    if required:
                        found.append(_null(path + camel))
                elif check_member is not None:
                    check_member(member, path + camel, found)

        self._structures[shape.name] = _inside(check)  # before the members, which may contain this shape again
        for name, member in shape.members.items():
            check_member, required = self.of(member), name in shape.required
            if required or check_member is not None:
                rows.append((name, lower_camel(name), required, check_member))
        if not rows:
            self._structures[shape.name] = None
        return self._structures[shape.name]

    def _list(self, shape: Shape) -> Check:
        element = shape.element
        check_element = self.of(element) if element.type in _CONTAINERS else None
        of_elements = [] if element.type in _CONTAINERS else _requirements(element)
        report = self._report(shape, [*_bounds(shape), *_of_each("Member must satisfy constraint", of_elements)])

        def check(value: list[Any], path: str, found: list[str]) -> None:
            if None in value:
                found.append(_null(f"{path}.{value.index(None) + 1}.member"))
                return
            if report is not None:
                report(value, path, found)
            if check_element is not None:
                for number, member in enumerate(value, 1):
                    check_element(member, f"{path}.{number}.member", found)

        return check

    def _map(self, shape: Shape) -> Check:
        check_value = self.of(shape.value) if shape.value.type in _CONTAINERS else None
        of_values = [] if shape.value.type in _CONTAINERS else _requirements(shape.value)
        of_keys = _of_each("Map keys must satisfy constraint", _requirements(shape.key))
        report = self._report(shape, [*_bounds(shape), *of_keys])
        report_values = self._report(shape, _of_each("Map value must satisfy constraint", of_values))

        def check(value: Mapping[str, Any], path: str, found: list[str]) -> None:
            if report is not None:
                report(value, path, found)
            if report_values is not None:
                report_values(value.values(), path, found)
            if check_value is not None:
                for key, member in value.items():
                    check_value(member, f"{path}.{key}.member", found)

        return check

    def _report(self, shape: Shape, requirements: list[Requirement]) -> Check | None:
        if not requirements:
            return None
        quotable = self._quote_values and shape.type in _QUOTED and not shape.sensitive
        of_pattern = self._own_words.get(shape.traits.get("pattern", "")) if shape.type == "string" else None

        def report(value: Any, path: str, found: list[str]) -> None:
            for sentence, test in requirements:
                if test(value):
                    continue
                own_words = self._own_words.get(path, of_pattern)
                if own_words is not None and sentence.startswith(_PATTERN):
                    found.append(InOwnWords(own_words.format(path)))
                else:
                    quoted = f"Value '{_text(value)}' at" if quotable and len(_text(value)) <= MAX_QUOTED else "Value at"
                    found.append(f"{quoted} '{path}' failed to satisfy constraint: {sentence}")

        return report


def _requirements(shape: Shape) -> list[Requirement]:
    return [*_bounds(shape), *_wording(shape)]


def _bounds(shape: Shape) -> list[Requirement]:
    low, high = shape.traits.get("min"), shape.traits.get("max")
    number = shape.type in _NUMBERS
    what, measure = ("value", _itself) if number else ("length", len)
    found: list[Requirement] = []
    if high is not None:
        found.append((f"Member must have {what} less than or equal to {high}", lambda value: measure(value) <= high))
    if low is not None:
        found.append((f"Member must have {what} greater than or equal to {low}", lambda value: measure(value) >= low))
    return found


def _wording(shape: Shape) -> list[Requirement]:
    pattern, enum = shape.traits.get("pattern"), shape.traits.get("enum")
    found: list[Requirement] = []
    if pattern is not None:
        found.append((f"{_PATTERN} {pattern}", patterns.matcher(pattern)))
    if enum is not None:
        found.append((f"Member must satisfy enum value set: [{', '.join(enum)}]", frozenset(enum).__contains__))
    return found


def _of_each(sentence: str, requirements: list[Requirement]) -> list[Requirement]:
    """One requirement of a container from those of its elements."""
    if not requirements:
        return []
    tests = [test for _, test in requirements]

    def test_each(values: Iterable[Any]) -> bool:
        return all(test(value) for value in values for test in tests)

    return [(f"{sentence}: [{', '.join(words for words, _ in requirements)}]", test_each)]


def _inside(check: Check) -> Check:
    """`check` for a structure that is itself a member: its members' paths continue its own."""
    return lambda value, path, found: check(value, path and f"{path}.", found)


def _null(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _itself(value: Any) -> Any:
    return value
