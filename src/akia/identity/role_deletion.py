"""What became of a request to delete a service-linked role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DeletionStatus(StrEnum):
    """AWS's words. Here a deletion is done, or refused, within the call that asks for it: none waits."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What the linked service still has in one region: ARNs."""

    region: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleDeletion:
    """One deletion task. `path` and `role` are those that the role had, `asked` is in epoch seconds; `reason` says why it failed."""

    id: str
    account: str
    path: str
    role: str
    asked: int
    status: DeletionStatus
    reason: str = ""
    usages: tuple[RoleUsage, ...] = ()

    @property
    def task(self) -> str:
        """How AWS names it: `task/aws-service-role/<service>/<role>/<uuid>`."""
        return f"task{self.path}{self.role}/{self.id}"
