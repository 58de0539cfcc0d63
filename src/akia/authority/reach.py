"""What temporary credentials may call at all, whatever policies say (P1.7-9, NT-28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied
from akia.identity.principal import RoleSession

if TYPE_CHECKING:
    from akia.identity.principal import Principal
    from akia.operation import Operation

_STS_OF_SESSION_TOKENS = frozenset({"AssumeRole", "GetCallerIdentity", "GetSessionToken"})
"""The last of them refuses sessions itself, in words of its own."""


def require_within_reach(principal: Principal, operation: Operation) -> None:
    """Raises AccessDenied for what credentials of this origin never may."""
    if principal.session is None:
        return
    if isinstance(principal, RoleSession):
        if operation.service == "sts" and operation.name == "GetFederationToken":
            raise AccessDenied("Cannot call GetFederationToken with session credentials")
        return
    if operation.service == "iam" and principal.session.mfa_at is None:
        raise AccessDenied("Cannot call IAM with credentials of GetSessionToken that were made without MFA")
    if operation.service == "sts" and operation.name not in _STS_OF_SESSION_TOKENS:
        raise AccessDenied(f"Cannot call {operation.name} with session credentials")
