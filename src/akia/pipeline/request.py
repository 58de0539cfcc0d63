"""What the edge hands in: the bytes, and the facts of the connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.authority.facts import RequestFacts
    from akia.wire import HttpRequest


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived. `facts.region` is filled in when the signature has been read."""

    http: HttpRequest
    facts: RequestFacts

    def header(self, name: bytes) -> bytes | None:
        """The first header called `name` (lower-case), or None."""
        for key, value in self.http.headers:
            if key == name:
                return value
        return None
