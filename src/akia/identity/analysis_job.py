"""A question about what somebody has used, asked at one time and answered from the events up to then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnalysisKind(StrEnum):
    """What is asked."""

    LAST_ACCESSED = "service-last-accessed"
    POLICY_GENERATION = "policy-generation"
    ORGANIZATION_ACCESS = "organization-access"


@dataclass(frozen=True, slots=True)
class AnalysisJob:
    """`subject` is the ARN of a user, group, role or policy, or the path of something in an organization; `started` is in epoch seconds,
    `details` JSON of what else was asked.

    `token` makes asking twice harmless: unique among an account's jobs of a kind.
    """

    id: str
    account: str
    kind: AnalysisKind
    subject: str
    started: int
    token: str
    details: str
    canceled: bool = False
