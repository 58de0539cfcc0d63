"""URI templates of rest-json operations: `/tags/{resourceArn}`, `/{Key+}`, `/token?aws_iam=t` (W3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.wire.forms import unquote, utf_8

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class UriTemplate(NamedTuple):
    """One operation's method and path. A segment is a literal, or a label whose name stands beside it."""

    operation: str
    method: bytes
    segments: tuple[tuple[bytes, str | None], ...]
    greedy: bool
    """Whether the last label takes the rest of the path, slashes included."""

    constants: tuple[tuple[str, str], ...]
    """Name-value pairs that the query string must have."""

    @classmethod
    def parse(cls, operation: str, method: str, uri: str) -> UriTemplate:
        """The template that a model spells `uri`."""
        path, _, query = uri.partition("?")
        segments = tuple(_segment(part) for part in path.split("/")[1:])
        constants = tuple((name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part))
        return cls(operation, method.encode(), segments, path.endswith("+}"), constants)

    def match(self, path: list[bytes], query: Mapping[str, str]) -> dict[str, str] | None:
        """The labels by name, or None if the path (split at its slashes) or the query does not fit.

        Raises MalformedInput for a label that is not UTF-8 or badly percent-encoded.
        """
        if self.greedy and len(path) > len(self.segments):
            last = len(self.segments) - 1
            path = [*path[:last], b"/".join(path[last:])]
        if len(path) != len(self.segments) or any(query.get(name) != value for name, value in self.constants):
            return None
        for given, (literal, label) in zip(path, self.segments, strict=True):
            if given != literal if label is None else not given:
                return None
        return {label: unquote(utf_8(given)) for given, (_, label) in zip(path, self.segments, strict=True) if label}


def most_literal_first(templates: Iterable[UriTemplate]) -> list[UriTemplate]:
    """`templates` in the order in which they must be tried."""
    return sorted(templates, key=lambda template: (-len(template.constants), sum(label is not None for _, label in template.segments)))


def _segment(part: str) -> tuple[bytes, str | None]:
    return (b"", part[1:-1].rstrip("+")) if part.startswith("{") else (part.encode(), None)
