"""Variants of an operation's input, made from its model: good ones of every size, and for each constraint one that breaks it.

    variants = Variants(shape, known)     # `known` gives members a meaning: names of what is there
    variants.good()                       # least, most, each member alone, each member at its edges
    variants.broken()                     # too short, too long, out of range, no such value, missing, of the wrong type

Lists, maps and structures are gone into; a shape within itself is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.variants import texts
from tests.wire.conftest import Values

from akia.wire.casing import lower_camel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.schema import Shape

_INTEGERS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_CONTAINERS = ("structure", "list", "map")
_DEEPEST = 5
_MANY = 60
"""Elements of a list whose length the model does not bound."""
NO_SUCH_VALUE = "NoSuchValue"


@dataclass(frozen=True)
class Variant:
    """The members of one request. `breaks` is the path, in AWS's words, of the member whose constraint is broken; None if all are kept.

    `bent` is a member that is added to the request on its way, past the client's own serializer: its value has the wrong type.
    """

    name: str
    members: Mapping[str, Any]
    breaks: str | None = None
    bent: str | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class _Edge:
    """One value of a member, and what is wrong with it."""

    name: str
    value: Any
    breaks: str | None = None


@dataclass
class Variants:
    """Those of the input `shape`. `known` are values by the names of members that mean something; all others are made up.

    `sends_empty` says whether the protocol has a word for empty maps and structures.
    """

    shape: Shape
    known: Mapping[str, Any]
    sends_empty: bool = True
    values: Values = field(default_factory=lambda: Values("variants"))

    def good(self) -> Iterator[Variant]:
        """What the model allows."""
        members, least = self.shape.members, self.least()
        yield Variant("least", least)
        yield Variant("most", {name: self._good(member, self.known.get(name)) for name, member in members.items()})
        for name, member in members.items():
            if name not in self.shape.required:
                yield Variant(f"with {name}", least | {name: self._good(member, self.known.get(name))})
        yield from (Variant(edge.name, edge.value) for edge in self._edges_of_members() if edge.breaks is None)
        if self.known:
            yield Variant("of nobody", Variants(self.shape, {}, self.sends_empty).least())

    def broken(self) -> Iterator[Variant]:
        """What it does not: one constraint is broken by each."""
        for edge in self._edges_of_members():
            if edge.breaks is not None:
                yield Variant(edge.name, edge.value, edge.breaks)
        least = self.least()
        for name, member in self.shape.members.items():
            if name in self.shape.required and member.location != "uri":
                yield Variant(f"without {name}", {other: least[other] for other in least if other != name}, lower_camel(name))
            if member.location in (None, "querystring") and not (member.location and member.type in ("string", "list")):
                yield Variant(f"{name} of another type", {other: least[other] for other in least if other != name}, bent=name)

    def least(self) -> dict[str, Any]:
        """Only what is required."""
        members, required = self.shape.members, self.shape.required
        return {name: self._good(member, self.known.get(name)) for name, member in members.items() if name in required}

    def _edges_of_members(self) -> Iterator[_Edge]:
        """Every edge of every member, each in an input that has nothing else but what is required."""
        least = self.least()
        for name, member in self.shape.members.items():
            for edge in self._edges(member, self.known.get(name), lower_camel(name), ()):
                if not (member.location == "uri" and edge.value == ""):  # a path has no word for it
                    yield _Edge(f"{name} {edge.name}", least | {name: edge.value}, edge.breaks)

    # One good value. `known` is what is known of it, None if nothing is.

    def _good(self, shape: Shape, known: Any = None, number: int = 0, depth: int = 0) -> Any:
        """What is known, or a value that is made up; with a `number`, another one than with others if there can be."""
        if known is not None:
            return known
        match shape.type:
            case "structure":
                return self.values.document() if shape.document else self._structure(shape, number, depth)
            case "list":
                return self._several(shape, max(1, int(shape.traits.get("min", 0))), depth)
            case "map":
                return {self._good(shape.key, number=number + 1): self._good(shape.value, depth=depth + 1)}
            case "string":
                return self._text(shape, number)
            case _:
                return self.values.scalar(shape)

    def _structure(self, shape: Shape, number: int = 0, depth: int = 0) -> dict[str, Any]:
        """What is required in it; if nothing is, its first member, since not every protocol can send an empty structure."""
        members, required = shape.members, shape.required
        if not required and members and depth < _DEEPEST:
            required = frozenset([min(members, key=lambda name: members[name].type in _CONTAINERS)])
        return {name: self._good(member, None, number, depth + 1) for name, member in members.items() if name in required}

    def _several(self, shape: Shape, count: int, depth: int = 0) -> list[Any]:
        return [self._good(shape.element, None, number, depth + 1) for number in range(count)]

    def _text(self, shape: Shape, number: int) -> str:
        numbered = f"x{number or 'yz'}"
        return numbered if texts.fits(shape, numbered) else self.values.text(shape)

    # Its edges.

    def _edges(self, shape: Shape, known: Any, path: str, within: tuple[str, ...]) -> Iterator[_Edge]:
        if shape.name in within or len(within) > _DEEPEST:
            return
        match shape.type:
            case "structure":
                yield from self._edges_of_structure(shape, known or {}, path, (*within, shape.name))
            case "list":
                yield from self._edges_of_list(shape, known or [], path, (*within, shape.name))
            case "map":
                yield from self._edges_of_map(shape, path, (*within, shape.name))
            case "string":
                yield from _edges_of_text(shape, path)
            case "integer" | "long" | "float" | "double":
                yield from _edges_of_number(shape, path)
            case "boolean":
                yield from (_Edge("is true", True), _Edge("is false", False))
            case "timestamp":
                yield from (_Edge(f"is {at.year}", at) for at in (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)))
            case "blob":
                yield from _edges_of_length(shape, path, bytes, 0)

    def _edges_of_structure(self, shape: Shape, known: Mapping[str, Any], path: str, within: tuple[str, ...]) -> Iterator[_Edge]:
        if shape.document:
            return
        good = self._structure(shape, depth=len(within)) | dict(known)
        least = {} if shape.traits.get("union") else {name: good[name] for name in good if name in shape.required}
        for name, member in shape.members.items():
            yield _Edge(f"with {name}", least | {name: self._good(member, known.get(name))})
            for edge in self._edges(member, known.get(name), f"{path}.{lower_camel(name)}", within):
                yield _Edge(f"{name} {edge.name}", least | {name: edge.value}, edge.breaks)
            rest = {other: good[other] for other in good if other != name}
            if name in shape.required and (rest or self.sends_empty):
                yield _Edge(f"without {name}", rest, f"{path}.{lower_camel(name)}")

    def _edges_of_list(self, shape: Shape, known: list[Any], path: str, within: tuple[str, ...]) -> Iterator[_Edge]:
        yield from _edges_of_length(shape, path, lambda count: self._several(shape, count), 0)
        inner = path if shape.element.type not in _CONTAINERS else f"{path}.1.member"
        others = self._several(shape, int(shape.traits.get("min", 0)))[1:]
        for edge in self._edges(shape.element, known[0] if known else None, inner, within):
            yield _Edge(f"of one that {edge.name}", [edge.value, *others], edge.breaks)

    def _edges_of_map(self, shape: Shape, path: str, within: tuple[str, ...]) -> Iterator[_Edge]:
        def sized(count: int) -> dict[Any, Any]:
            keys = shape.key.traits.get("enum") or [self._good(shape.key, number=number + 1) for number in range(count)]
            return {key: self._good(shape.value) for key in keys[:count]}

        yield from _edges_of_length(shape, path, sized, 0 if self.sends_empty else 1)
        key = self._good(shape.key)
        for edge in self._edges(shape.key, None, path, within):
            yield _Edge(f"with a key that {edge.name}", {edge.value: self._good(shape.value)}, edge.breaks)
        inner = path if shape.value.type not in _CONTAINERS else f"{path}.{key}.member"
        for edge in self._edges(shape.value, None, inner, within):
            yield _Edge(f"of one that {edge.name}", {key: edge.value}, edge.breaks)


def _edges_of_text(shape: Shape, path: str) -> Iterator[_Edge]:
    if "enum" in shape.traits:
        yield from (_Edge(f"is {value}", value) for value in shape.traits["enum"])
        yield _Edge("is no such value", NO_SUCH_VALUE, path)
        return
    yield _Edge("is shortest", texts.shortest(shape))
    yield _Edge("is longest", texts.longest(shape))
    broken = {"is too short": texts.too_short(shape), "is too long": texts.too_long(shape), "has no form": texts.out_of_pattern(shape)}
    yield from (_Edge(name, text, path) for name, text in broken.items() if text is not None)


def _edges_of_number(shape: Shape, path: str) -> Iterator[_Edge]:
    least, greatest = _INTEGERS.get(shape.type, (-1e9, 1e9))
    low, high = shape.traits.get("min", least), shape.traits.get("max", greatest)
    yield from (_Edge(f"is {value}", value) for value in dict.fromkeys((low, high)))
    if "min" in shape.traits:
        yield _Edge(f"is {low - 1}", low - 1, path)
    if "max" in shape.traits:
        yield _Edge(f"is {high + 1}", high + 1, path)


def _edges_of_length(shape: Shape, path: str, make: Any, least: int) -> Iterator[_Edge]:
    low, high = max(least, int(shape.traits.get("min", 0))), int(shape.traits.get("max", _MANY))
    yield from (_Edge(f"of {count}", make(count)) for count in dict.fromkeys((low, high)))
    if shape.traits.get("min", 0) > least:
        yield _Edge(f"of {low - 1}", make(low - 1), path)
    if "max" in shape.traits:
        yield _Edge(f"of {high + 1}", make(high + 1), path)
