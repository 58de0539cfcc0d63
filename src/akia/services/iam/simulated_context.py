"""The context keys of a simulated request: what `ContextEntries` say (AC12.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import InvalidInput
from akia.policy.conditions import values as read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akia.policy import Value
    from akia.wire.shapes import iam as shapes

_LIST = "List"
_READERS: Mapping[str, Callable[[str], Any]] = {
    "string": lambda text: text,
    "numeric": read.number,
    "boolean": read.truth,
    "ip": read.address,
    "binary": read.octets,
    "date": read.instant,
}


def context_of(entries: Iterable[shapes.ContextEntry]) -> dict[str, Value]:
    """The values by key in lower case: one text for a type such as `ip`, any number of them for `ipList`; `string` is the default type.

    Raises InvalidInput for a key without a name or given twice, for several values of a single-valued type, and for values that are not
    of their type.
    """
    context: dict[str, Value] = {}
    for entry in entries:
        name = entry.get("ContextKeyName")
        if not name or name.lower() in context:
            raise InvalidInput(f"Invalid context key name: {name or ''}")
        context[name.lower()] = _value(name, entry.get("ContextKeyType", "string"), entry.get("ContextKeyValues", []))
    return context


def _value(name: str, type_: str, texts: list[str]) -> Value:
    reader = _READERS[type_.removesuffix(_LIST)]
    for text in texts:
        if reader(text) is None:
            raise InvalidInput(f"Invalid value for context key {name} of type {type_}: {text}")
    if type_.endswith(_LIST):
        return tuple(texts)
    if len(texts) != 1:
        raise InvalidInput(f"Context key {name} of type {type_} must have exactly one value")
    return texts[0]
