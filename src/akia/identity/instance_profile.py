"""Instance profiles: how a role is handed to machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.named import Named

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES_PER_PROFILE = 1
"""A quota that AWS raises for nobody (P5.4-13)."""


@dataclass(frozen=True, slots=True)
class InstanceProfile(Named):
    """A profile. `role` is the unique id of the role in it, None if it is empty."""

    resource = "instance-profile"

    tags: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
