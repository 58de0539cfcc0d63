"""What a principal may never call, whatever policies say (P1.3-12, P1.7-9, NT-28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, InvalidClientTokenId
from akia.identity.principal import FederatedUser, RoleSession, Root

if TYPE_CHECKING:
    from akia.identity.principal import Principal
    from akia.identity.session import SessionFacts
    from akia.operation import Operation

_OPEN_TO_FEDERATED_USERS = frozenset({"GetCallerIdentity"})
_OPEN_TO_USER_SESSIONS = frozenset({"AssumeRole", "GetCallerIdentity"})
_CLOSED_TO_ROLE_SESSIONS = frozenset({"GetFederationToken", "GetSessionToken"})


def require_within_reach(principal: Principal, operation: Operation) -> None:
    """Raises AccessDenied, or InvalidClientTokenId, for what the credentials of `principal` are never good for."""
    session = principal.session
    if operation.service == "sts":
        _require_sts(principal, session, operation.name)
    elif operation.service == "iam" and session is not None and not _may_call_iam(principal, session):
        raise InvalidClientTokenId("The security token included in the request is invalid")  # AWS's answer to GetSessionToken without MFA


def _may_call_iam(principal: Principal, session: SessionFacts) -> bool:
    """P1.7-9. A session of AssumeRoot is made for IAM, and a delegated one may be (SI17.6): their policies limit them."""
    if isinstance(principal, FederatedUser):
        return False
    return isinstance(principal, RoleSession) or session.mfa_at is not None or session.assumed_root or bool(session.delegate)


def _require_sts(principal: Principal, session: SessionFacts | None, name: str) -> None:
    if name == "AssumeRole" and isinstance(principal, Root):
        raise AccessDenied("Roles may not be assumed by root accounts.")
    if session is not None and not _may_call_sts(principal, session, name):
        raise AccessDenied(f"Cannot call {name} with session credentials")


def _may_call_sts(principal: Principal, session: SessionFacts, name: str) -> bool:
    """P1.7-9. Delegated credentials may what those of roles may."""
    if isinstance(principal, FederatedUser):
        return name in _OPEN_TO_FEDERATED_USERS
    if isinstance(principal, RoleSession) or session.delegate:
        return name not in _CLOSED_TO_ROLE_SESSIONS
    return name in _OPEN_TO_USER_SESSIONS
