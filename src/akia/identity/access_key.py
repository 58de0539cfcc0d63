"""Long-term access keys: what is known about one, without its secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KeyStatus(StrEnum):
    """IAM's words."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of a user (`owner` is the user's unique id) or of the root user (`owner` is the account id). `created` is in epoch seconds."""

    account: str
    id: str
    owner: str
    created: int
    status: KeyStatus = KeyStatus.ACTIVE

    @property
    def of_root(self) -> bool:
        return self.owner == self.account


@dataclass(frozen=True, slots=True)
class LastUsed:
    """The latest *verified* call of a key (NT-93): when (epoch seconds), which service (its signing name), which region."""

    at: int
    service: str
    region: str
