"""Instance profiles: how a role is handed to machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES_PER_PROFILE = 1
"""A quota that AWS raises for nobody (P5.4-13)."""


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """A profile. `role` is the unique id of the role in it, None if it is empty. `created` is in epoch seconds.

    Names are unique in their account without regard to case, and keep their case (P5.4-21).
    """

    account: str
    id: str
    name: str
    path: str
    created: int
    tags: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None

    @property
    def arn(self) -> Arn:
        return Arn("iam", "", self.account, f"instance-profile{self.path}{self.name}")
