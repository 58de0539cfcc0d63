"""What an organization centralizes of its member accounts' root users (AWS's centralized root access)."""

from __future__ import annotations

from dataclasses import dataclass

SERVICE = "iam.amazonaws.com"
"""The service whose access to the organization this needs, and which a member account may administer."""
CREDENTIALS_MANAGEMENT = "RootCredentialsManagement"
SESSIONS = "RootSessions"


@dataclass(frozen=True, slots=True)
class RootFeature:
    """`feature` is one of the two above, enabled since `enabled` (epoch seconds)."""

    organization: str
    feature: str
    enabled: int
