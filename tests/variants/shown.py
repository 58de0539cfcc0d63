"""Whether an answer has the form that its model gives it: what botocore has parsed is held against every trait of the shape.

Botocore itself checks nothing of what it receives, so that a wrong answer reaches the user's program.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from akia.wire.patterns import matcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.schema import Shape

_PYTHON: dict[str, Any] = {
    "structure": dict,
    "list": list,
    "map": dict,
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime,
    "blob": bytes,
}


def flaws(shape: Shape | None, answer: Mapping[str, Any]) -> list[str]:
    """`Path.To.Member trait` for every trait that the answer breaks, each once."""
    told = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    if shape is None:
        return [f"{name} undeclared" for name in told]
    return sorted(set(_flaws(shape, told, "")))


def _flaws(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.document:
        return
    if shape.type == "string" and isinstance(value, dict):  # botocore hands out IAM's policies as what they say
        value = json.dumps(value)
    if not isinstance(value, _PYTHON[shape.type]) or (isinstance(value, bool) and shape.type != "boolean"):
        yield f"{path} type"
        return
    yield from (f"{path} {trait}" for trait in _broken_traits(shape, value))
    if shape.type == "structure":
        yield from (f"{path}.{name} required".lstrip(".") for name in shape.required if name not in value)
        for name, member in shape.members.items():
            if name in value:
                yield from _flaws(member, value[name], f"{path}.{name}".lstrip("."))
    elif shape.type == "list":
        for element in value:
            yield from _flaws(shape.element, element, f"{path}[]")
    elif shape.type == "map":
        for key, element in value.items():
            yield from _flaws(shape.key, key, f"{path}{{}}")
            yield from _flaws(shape.value, element, f"{path}{{}}")


def _broken_traits(shape: Shape, value: Any) -> Iterator[str]:
    traits = shape.traits
    size = value if shape.type in ("integer", "long", "float", "double") else len(value) if hasattr(value, "__len__") else 0
    if "min" in traits and size < traits["min"]:
        yield "min"
    if "max" in traits and size > traits["max"]:
        yield "max"
    if "enum" in traits and value not in traits["enum"]:
        yield "enum"
    if "pattern" in traits and not matcher(traits["pattern"])(value):
        yield "pattern"


def echoes(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    """Members of the request that the answer tells otherwise: those of the same name and kind, in it or in the thing that it is about."""
    told = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    things = [told, *(value for value in told.values() if isinstance(value, dict))]
    for name, value in asked.items():
        for thing in things:
            said, answered = _plain(value), _plain(thing.get(name))
            if type(said) is type(answered) and said != answered:
                yield f"{name}: {value!r} became {thing[name]!r}"


def _plain(value: Any) -> Any:
    """What a document says, whatever its spelling; tags in any order."""
    if isinstance(value, list):
        return sorted(map(repr, value))
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
