"""Shapes of a service model, read straight from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RawShapes = Mapping[str, Mapping[str, Any]]


class Shape:
    """A shape seen through one reference to it: the traits of the reference (a member's `locationName`) lie over the shape's own."""

    __slots__ = ("_shapes", "name", "traits", "type")

    def __init__(self, reference: Mapping[str, Any], shapes: RawShapes) -> None:
        self.name: str = reference["shape"]
        self.traits: Mapping[str, Any] = {**shapes[self.name], **reference}
        self.type: str = self.traits["type"]
        self._shapes = shapes

    @property
    def members(self) -> dict[str, Shape]:
        """The members of a structure by their name in the model, in its order."""
        return {name: Shape(reference, self._shapes) for name, reference in self.traits.get("members", {}).items()}

    @property
    def required(self) -> frozenset[str]:
        return frozenset(self.traits.get("required", ()))

    @property
    def element(self) -> Shape:
        """What a list holds."""
        return Shape(self.traits["member"], self._shapes)

    @property
    def key(self) -> Shape:
        """What a map is indexed by."""
        return Shape(self.traits["key"], self._shapes)

    @property
    def value(self) -> Shape:
        """What a map holds."""
        return Shape(self.traits["value"], self._shapes)

    @property
    def location(self) -> str | None:
        """Where in an HTTP message a member travels; None is the body."""
        place: str | None = self.traits.get("location")
        return place

    @property
    def document(self) -> bool:
        """Whether any JSON value at all is allowed here."""
        return bool(self.traits.get("document"))

    @property
    def flattened(self) -> bool:
        return bool(self.traits.get("flattened"))

    @property
    def sensitive(self) -> bool:
        return bool(self.traits.get("sensitive"))

    def wire_name(self, otherwise: str) -> str:
        """The name on the wire: the model's `locationName`, else `otherwise` (W5.2)."""
        name: str = self.traits.get("locationName", otherwise)
        return name

    def timestamp_format(self, otherwise: str) -> str:
        name: str = self.traits.get("timestampFormat", otherwise)
        return name
