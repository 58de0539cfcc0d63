"""Managed policies and their versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.named import Named
from akia.identity.role import SERVICE_LINKED

if TYPE_CHECKING:
    from collections.abc import Mapping

AWS = "aws"
"""The owner of AWS managed policies, in the place of an account id."""


@dataclass(frozen=True, slots=True)
class ManagedPolicy(Named):
    """A managed policy of an account, or of AWS (`account` is then `aws`). Times are in epoch seconds.

    `default_version` is the id of the version in force (`v3`); `latest_version` the number of the newest one ever made, so that ids are
    not reused.
    """

    resource = "policy"

    updated: int
    default_version: str
    latest_version: int
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_service_role_policy(self) -> bool:
        """Whether it is AWS's, for a service-linked role: nobody else can have it."""
        return self.account == AWS and self.path.startswith(SERVICE_LINKED)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a managed policy: its id (`v1`), its text as the user wrote it, and when it was made (epoch seconds)."""

    policy_id: str
    version: str
    document: str
    created: int
