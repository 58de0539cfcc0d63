"""Policy templates: policies with `@{name}` in them, which a delegation request gives values to.

A `string` has one value. A `stringList` makes one entry of each of its values; several lists in one text make every combination. Values are
put into texts of the parsed document, so none can add an element to it, and what they hold is not looked through for parameters again.
"""

from __future__ import annotations

import json
import re
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STRING, STRING_LIST = "string", "stringList"
_PARAMETER = re.compile(r"@\{([^{}]*)\}")
_PARAMETRIC = frozenset({"Action", "NotAction", "Resource", "NotResource", "Condition"})


class BadParameters(ValueError):
    """The parameters do not fit the template. The text is for the requestor."""


class Parameter(NamedTuple):
    """A value, or values, for `@{name}`."""

    name: str
    type: str
    values: tuple[str, ...]


def rendered(template: str, parameters: Iterable[Parameter], limit: int) -> str:
    """The policy that `template`, a policy document, becomes: JSON without white space, of at most `limit` characters.

    Raises BadParameters: one that is given twice, lacks its values, is missing, or stands nowhere in the template.
    """
    known = _by_name(parameters)
    document = json.loads(template)
    statements = document.get("Statement", [])
    renderer = _Renderer(known, limit)
    listed = statements if isinstance(statements, list) else [statements]
    document["Statement"] = [
        {name: renderer.element(element) if name in _PARAMETRIC else element for name, element in statement.items()} for statement in listed
    ]
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    if len(text) > limit:
        raise BadParameters(f"The policy may have at most {limit} characters.")
    for name in known.keys() - renderer.used:
        raise BadParameters(f"The policy template has no parameter {name}.")
    return text


def _by_name(parameters: Iterable[Parameter]) -> dict[str, Parameter]:
    known: dict[str, Parameter] = {}
    for parameter in parameters:
        if parameter.name in known:
            raise BadParameters(f"The parameter {parameter.name} is given twice.")
        if not parameter.values or (parameter.type == STRING and len(parameter.values) != 1):
            wanted = "exactly one value" if parameter.type == STRING else "at least one value"
            raise BadParameters(f"The parameter {parameter.name} must have {wanted}.")
        known[parameter.name] = parameter
    return known


class _Renderer:
    def __init__(self, known: Mapping[str, Parameter], limit: int) -> None:
        self._known = known
        self._limit = limit
        self.used: set[str] = set()

    def element(self, element: Any) -> Any:
        """An element with its parameters replaced: texts, lists of texts, and of conditions the values."""
        match element:
            case str():
                texts, is_list = self._texts(element)
                return texts if is_list else texts[0]
            case list():
                return [text for each in element for text in (self._texts(each)[0] if isinstance(each, str) else [each])]
            case dict():
                return {key: self.element(value) for key, value in element.items()}
        return element

    def _texts(self, text: str) -> tuple[Sequence[str], bool]:
        """The texts that one becomes, and whether a list had a part in it."""
        names = list(dict.fromkeys(_PARAMETER.findall(text)))
        parameters = [self._named(name) for name in names]
        if prod(len(parameter.values) for parameter in parameters) > self._limit:
            raise BadParameters(f"The policy may have at most {self._limit} characters.")
        chosen = [dict(zip(names, values, strict=True)) for values in product(*(parameter.values for parameter in parameters))]
        made = [_put(text, values) for values in chosen]
        return made, any(parameter.type == STRING_LIST for parameter in parameters)

    def _named(self, name: str) -> Parameter:
        if name not in self._known:
            raise BadParameters(f"The parameter {name} of the policy template is missing.")
        self.used.add(name)
        return self._known[name]


def _put(text: str, values: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda found: values[found[1]], text)
