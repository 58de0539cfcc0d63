"""Policy documents on their way in: their grammar (P5.2) and their lengths (P5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia import policy
from akia.aws.errors import LimitExceeded
from akia.services.iam.shared_providers import require_tenant

if TYPE_CHECKING:
    from akia.identity.quotas import Quotas


def check_managed(document: str, quotas: Quotas) -> None:
    """Raises MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-14)."""
    if policy.counted_size(document) > quotas.managed_policy_length:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {quotas.managed_policy_length}")
    policy.parse(document, policy.Kind.IDENTITY_MANAGED)


def check_inline(document: str) -> None:
    """Raises MalformedPolicyDocument (P5.2). Lengths count together, see `inline_policies` (P5.4-15)."""
    policy.parse(document, policy.Kind.IDENTITY_INLINE)


def check_trust(document: str, quotas: Quotas) -> None:
    """Raises MalformedPolicyDocument (P5.2-8, P5.2-10, NT-25), LimitExceeded (P5.4-7)."""
    if policy.counted_size(document) > quotas.trust_policy_length:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {quotas.trust_policy_length}")
    require_tenant(policy.parse(document, policy.Kind.TRUST))
