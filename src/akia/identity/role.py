"""IAM roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.named import Named

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SESSION_SECONDS = 3_600
"""What a role grants if nobody said otherwise; also the cap of a chained session (P1.7-10)."""

TRACKED_SECONDS = 400 * 86_400
"""How far back last uses are told, of roles, services and actions (AC11.4)."""

SERVICE_LINKED = "/aws-service-role/"
"""The path of roles that are linked to services, and of AWS's policies for them."""


@dataclass(frozen=True, slots=True)
class RoleLastUsed:
    """The latest verified call of any session of a role: when (epoch seconds), and in which region."""

    at: int
    region: str


@dataclass(frozen=True, slots=True)
class Role(Named):
    """A role. `trust` is its trust policy as stored: principals by unique id (P1.7-5)."""

    resource = "role"

    trust: str
    description: str = ""
    max_session_seconds: int = DEFAULT_SESSION_SECONDS
    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: str | None = None

    @property
    def is_service_linked(self) -> bool:
        """Whether it belongs to a service (P1.2-6): only CreateServiceLinkedRole makes roles at this path."""
        return self.path.startswith(SERVICE_LINKED)
