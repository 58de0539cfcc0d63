"""An access key with all that is known about it, and what a listing may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.access_key import AccessKey
    from akia.identity.key_attributes import KeyAttributes
    from akia.identity.key_calls import KeyUse

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class ListedKey:
    """`number` orders the keys of an account. `user` is the name of whose key it is, None for the root user; `user_tags` are its tags."""

    key: AccessKey
    number: int
    user: str | None
    user_tags: Mapping[str, str]
    attributes: KeyAttributes
    used: KeyUse | None

    @property
    def description(self) -> str:
        """The key's own, else the user's tag named after the key id: so AWS's console keeps it (B6)."""
        return self.attributes.description or self.user_tags.get(self.key.id, "")

    def days_old(self, now: int) -> int:
        """Whole days since it was made. `now` is in epoch seconds."""
        return max(0, now - self.key.created) // DAY_SECONDS

    def days_unused(self, now: int) -> int:
        """Whole days since its last call, or since it was made."""
        return max(0, now - (self.used.at_ms // 1000 if self.used else self.key.created)) // DAY_SECONDS


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """What is asked for; "" and None ask for nothing. `text` is looked for, without regard to case, in all that a key says of itself, in
    its id and in its user's name."""

    user: str = ""
    status: str = ""
    owner: str = ""
    environment: str = ""
    purpose: str = ""
    tag: tuple[str, str | None] | None = None
    text: str = ""
    older_than_days: int | None = None
    unused_for_days: int | None = None

    def accepts(self, listed: ListedKey, now: int) -> bool:
        """`now` is in epoch seconds."""
        said = listed.attributes
        asked = (
            (self.user, listed.user),
            (self.status, listed.key.status.value),
            (self.owner, said.owner),
            (self.environment, said.environment),
            (self.purpose, said.purpose),
        )
        return (
            all(not wanted or wanted == there for wanted, there in asked)
            and self._tagged(said.tags)
            and self._mentions(listed)
            and (self.older_than_days is None or listed.days_old(now) >= self.older_than_days)
            and (self.unused_for_days is None or listed.days_unused(now) >= self.unused_for_days)
        )

    def _tagged(self, tags: Mapping[str, str]) -> bool:
        if self.tag is None:
            return True
        key, value = self.tag
        return key in tags and (value is None or tags[key] == value)

    def _mentions(self, listed: ListedKey) -> bool:
        said = listed.attributes
        places = (listed.key.id, listed.user or "", listed.description, *said.said().values(), *said.tags, *said.tags.values())
        wanted = self.text.casefold()
        return any(wanted in place.casefold() for place in places)
