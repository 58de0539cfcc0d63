"""What an access key says of itself: description, owner, purpose, environment, ticket, and tags of its own (B6)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("description", "owner", "purpose", "environment", "ticket")
"""The attributes, without the tags."""


@dataclass(frozen=True, slots=True)
class KeyAttributes:
    """ "" for what is not said. `owner` is whoever answers for the key, in the words of those who run it; the user whose key it is is
    another matter."""

    description: str = ""
    owner: str = ""
    purpose: str = ""
    environment: str = ""
    ticket: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> dict[str, str]:
        """By name, what is said."""
        return {name: value for name in NAMES if (value := str(getattr(self, name)))}

    def changed(self, values: Mapping[str, str]) -> KeyAttributes:
        """With these instead; names as in NAMES."""
        said = {name: str(getattr(self, name)) for name in NAMES} | dict(values)
        return KeyAttributes(said["description"], said["owner"], said["purpose"], said["environment"], said["ticket"], self.tags)

    def tagged(self, tags: Mapping[str, str]) -> KeyAttributes:
        """With these tags and no others."""
        return replace(self, tags=tags)


SAYS_NOTHING = KeyAttributes()
