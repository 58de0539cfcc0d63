"""A secret that a sink needs: it stands in a file or a variable, never in the settings, and in nothing that is printed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """`value` is printable ASCII without spaces, so that it can stand in a header or a URL."""

    value: str = field(repr=False)
