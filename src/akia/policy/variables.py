"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}` and the escapes `${*}`, `${?}`, `${$}` (P4.1).

What is substituted is text and nothing else: a star in a tag's value stays a star (P4.1-4, contested: `substituted_text_is_literal`).
What looks like a variable but is malformed is ordinary text (P4.1-6, contested: `malformed_variable_is_literal`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.policy.wildcard import Budget, Pattern, Token, Wild, glob, joined, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.policy.values import Context

_VARIABLE = re.compile(r"\$\{(?:(?P<escape>[*?$])|(?P<key>[^\s${}*?'\",]+)(?:, '(?P<default>[^']*)')?)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Variable:
    """A context key (lower case) whose value is to stand here, and what stands here if there is none."""

    key: str
    default: str | None

    def text(self, context: Context) -> str | None:
        """The value of a single-valued key, else the default, else None: a list has no text (P4.1-3, NT-54)."""
        value = context.get(self.key)
        return value if isinstance(value, str) else self.default


Part = Token | Variable


class Template:
    """A pattern with variables in it."""

    __slots__ = ("_parts", "_plain", "lead")

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts = tuple(parts)
        texts = tuple(part for part in self._parts if not isinstance(part, Wild))
        self._plain = texts if len(texts) == len(self._parts) else None
        """The parts, if none of them is a wildcard."""
        first = self._parts[0]
        self.lead = first if isinstance(first, str) else ""
        """The text that whatever matches begins with."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it is made of, in order."""
        return self._parts

    def resolved(self, context: Context) -> Pattern | None:
        """The pattern with every variable replaced, or None when one has neither value nor default (P4.1-5)."""
        if self._plain is not None:
            text = _text(self._plain, context)
            return None if text is None else (text,)
        tokens: list[Token] = []
        for part in self._parts:
            token = part.text(context) if isinstance(part, Variable) else part
            if token is None:
                return None
            tokens.append(token)
        return joined(tokens)

    def matches(self, value: str, context: Context, budget: Budget) -> bool | None:
        """Whether the resolved pattern matches the whole of `value`, or None. Raises TooMuchWork."""
        if self._plain is not None:
            text = _text(self._plain, context)
            return None if text is None else text == value
        tokens = self.resolved(context)
        return None if tokens is None else glob(tokens).matches(value, budget)

    def behind(self, lead: str) -> Template:
        """The same pattern with the text `lead` before it."""
        first, *rest = self._parts
        return Template((lead + first, *rest) if isinstance(first, str) else (lead, *self._parts))


def _text(parts: Iterable[str | Variable], context: Context) -> str | None:
    texts = []
    for part in parts:
        text = part if isinstance(part, str) else part.text(context)
        if text is None:
            return None
        texts.append(text)
    return "".join(texts)


def parse(text: str, *, variables: bool, wildcards: bool) -> Pattern | Template:
    """The parts of a policy value. Without `variables` every `${` is text (P4.1-1); without `wildcards` every `*` is."""
    parts: list[Part] = []
    place = 0
    for found in _VARIABLE.finditer(text) if variables else ():
        parts += _plain(text[place : found.start()], wildcards)
        parts.append(found["escape"] or Variable(found["key"].lower(), found["default"]))
        place = found.end()
    parts += _plain(text[place:], wildcards)
    if any(isinstance(part, Variable) for part in parts):
        return Template(parts)
    return joined(part for part in parts if not isinstance(part, Variable))


def _plain(text: str, wildcards: bool) -> Pattern:
    if wildcards:
        return pattern(text)
    return (text,) if text else ()


def plain_text(tokens: Pattern) -> str:
    """The text of a pattern without wildcards."""
    return "".join(token for token in tokens if isinstance(token, str))


def variable_keys(text: str) -> list[str]:
    """The context keys of the variables in a policy value, as they are written."""
    return [found["key"] for found in _VARIABLE.finditer(text) if found["key"]]
