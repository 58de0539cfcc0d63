"""The values of context keys, as the pipeline gives them to the engine (P1.1)."""

from __future__ import annotations

from typing import Protocol


class Conflicting(tuple[str, ...]):
    """A single-valued key that arrives with several values, such as the tags `Team` and `team` (C3.2-21)."""

    __slots__ = ()


Value = str | tuple[str, ...]
"""`str`: a single-valued key. `tuple`: a multivalued one, perhaps empty. `Conflicting`: what should be the first and is the second."""


class Context(Protocol):
    """The context keys of a request, in lower case. Only `get` is called, so what is costly may be computed when it is asked for."""

    def get(self, key: str, /) -> Value | None:
        """The value of a key, or None if the request has none."""
