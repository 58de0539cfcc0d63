"""What there is in an account, as far as its keys are concerned: frozen values, made by `gathering`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ROOT = "<root_account>"
"""The root user, as AWS's credential report calls it. No user can have this name."""


@dataclass(frozen=True, slots=True)
class Use:
    """The last use of a key. Address and agent are told by an akia only."""

    time: datetime
    service: str = ""
    region: str = ""
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One access key. The id is "" if it is the root user's and only the credential report has told of it.

    Only an akia tells `expires` and `restrictions`, the latter by the names of its service; None if they could not be found out.
    """

    user: str
    access_key_id: str
    active: bool
    created: datetime
    used: Use | None = None
    description: str = ""
    owner: str = ""
    expires: datetime | None = None
    restrictions: Mapping[str, Any] | None = field(default_factory=dict)

    @property
    def status(self) -> str:
        return "Active" if self.active else "Inactive"

    def age_days(self, now: datetime) -> int:
        """Whole days since the key was made."""
        return max(0, (now - self.created).days)

    def idle_days(self, now: datetime) -> int:
        """Whole days since the key was used, or made if it never was."""
        return max(0, (now - (self.used.time if self.used is not None else self.created)).days)


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """A policy that makes an administrator: an ARN, or the name of an inline policy; of a group if one is named."""

    policy: str
    group: str = ""

    @property
    def is_inline(self) -> bool:
        return not self.policy.startswith("arn:")


@dataclass(frozen=True, slots=True)
class User:
    """A user. None is what could not be found out."""

    name: str
    has_password: bool | None = None
    has_mfa: bool | None = None
    grants: tuple[HeldPolicy, ...] | None = None
    bound_to_sources: bool | None = None
    """Whether the user's policies allow nothing from just anywhere."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All of an account. `notes` say what could not be found out, each in a line."""

    account: str
    title: str
    taken: datetime
    is_akia: bool
    users: tuple[User, ...]
    keys: tuple[Key, ...]
    notes: tuple[str, ...] = ()
