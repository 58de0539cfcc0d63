"""Policy documents on their way in: their grammar (P5.2) and their lengths (P5.4).

IAM is stricter with what is saved than with what is only looked at: no document begins with spaces, and identity policies have a statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia import policy
from akia.aws.errors import LimitExceeded, MalformedPolicyDocument
from akia.policy.validate import SYNTAX
from akia.services.iam.shared_providers import require_tenant

if TYPE_CHECKING:
    from akia.identity.quotas import Quotas


def check_managed(document: str, quotas: Quotas) -> None:
    """Raises MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-14)."""
    if policy.counted_size(document) > quotas.managed_policy_length:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {quotas.managed_policy_length}")
    _check_identity(document, policy.Kind.IDENTITY_MANAGED)


def check_inline(document: str) -> None:
    """Raises MalformedPolicyDocument (P5.2). Lengths count together, see `inline_policies` (P5.4-15)."""
    _check_identity(document, policy.Kind.IDENTITY_INLINE)


def _check_identity(document: str, kind: policy.Kind) -> None:
    if document.startswith(" "):
        raise MalformedPolicyDocument("The policy failed legacy parsing")
    if not policy.parse(document, kind).statements:
        raise MalformedPolicyDocument(SYNTAX)


def check_trust(document: str, quotas: Quotas) -> None:
    """Raises MalformedPolicyDocument (P5.2-8, P5.2-10, NT-25), LimitExceeded (P5.4-7)."""
    if policy.counted_size(document) > quotas.trust_policy_length:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {quotas.trust_policy_length}")
    if document.startswith(" "):
        raise MalformedPolicyDocument("JSON strings must not have leading spaces")
    require_tenant(policy.parse(document, policy.Kind.TRUST))
