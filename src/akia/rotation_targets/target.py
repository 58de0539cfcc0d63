"""What a target is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class NotDelivered(Exception):
    """The key is not where it should be; what was there is as it was. The text is for people, and holds no secret."""


@dataclass(frozen=True, slots=True)
class DeliveredKey:
    """A key on its way. `replaces` is the id of the key that it takes the place of, "" for none."""

    account: str
    user_name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    replaces: str = ""


class Target(Protocol):
    """Somewhere that a key is used from."""

    @property
    def kind(self) -> str:
        """One word."""

    @property
    def seconds(self) -> float:
        """How long it takes at most."""

    def deliver(self, key: DeliveredKey) -> None:
        """Returns when the key is there and nowhere half. Raises NotDelivered."""
