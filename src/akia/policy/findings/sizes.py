"""Sizes against the default quotas (P5.4; contested: `quotas_are_settings`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.finding import Found, Place, PolicyType, found
from akia.policy.findings.rules import Rules
from akia.policy.validate import counted_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Draft

rules = Rules()
MANAGED, INLINE, TRUST, ORGANIZATION = 6_144, 10_240, 2_048, 5_120
"""Characters (P5.4-14, -15: the largest inline quota, a role's; -7; -17)."""
RESOURCE = 20_480
"""Characters, white space included: 20 kB is what S3, S3's access points and DynamoDB take."""


@rules.document(
    "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
    "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
)
def size(draft: Draft) -> Iterator[Found]:
    """IAM does not count white space; Organizations and other services do (P1.6-4)."""
    counted, written = counted_size(draft.text), len(draft.text)
    match draft.type:
        case PolicyType.IDENTITY if counted > MANAGED:
            facts = {"size": str(counted), "inline": str(INLINE), "managed": str(MANAGED)}
            yield found("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", Place(()), **facts)
        case PolicyType.SCP if written > ORGANIZATION:
            yield found("POLICY_SIZE_EXCEEDS_SCP_QUOTA", Place(()), size=str(written), quota=str(ORGANIZATION))
        case PolicyType.RCP if written > ORGANIZATION:
            yield found("POLICY_SIZE_EXCEEDS_RCP_QUOTA", Place(()), size=str(written), quota=str(ORGANIZATION))
        case PolicyType.RESOURCE if draft.is_trust and counted > TRUST:
            yield found("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", Place(()), size=str(counted), quota=str(TRUST))
        case PolicyType.RESOURCE if not draft.is_trust and written > RESOURCE:
            yield found("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", Place(()), size=str(written), quota=str(RESOURCE))
