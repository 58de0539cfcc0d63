"""What a principal may never call, whatever policies say (P1.3-12, P1.7-9, NT-28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, InvalidClientTokenId
from akia.identity.principal import RoleSession, Root

if TYPE_CHECKING:
    from akia.identity.principal import Principal, SessionFacts
    from akia.operation import Operation

_OPEN_TO_USER_SESSIONS = frozenset({"AssumeRole", "GetCallerIdentity"})
_CLOSED_TO_ROLE_SESSIONS = frozenset({"GetFederationToken", "GetSessionToken"})


def require_within_reach(principal: Principal, operation: Operation) -> None:
    """Raises AccessDenied, or InvalidClientTokenId, for what the credentials of `principal` are never good for."""
    session = principal.session
    if operation.service == "sts":
        _require_sts(principal, session, operation.name)
    elif operation.service == "iam" and _is_own_session(principal) and session is not None and session.mfa_at is None:
        raise InvalidClientTokenId("The security token included in the request is invalid")  # AWS's answer to GetSessionToken without MFA


def _is_own_session(principal: Principal) -> bool:
    """Whether it is one of GetSessionToken: neither a role's, nor delegated, which its policy limits instead (SI17.6)."""
    session = principal.session
    return session is not None and not session.delegate and not isinstance(principal, RoleSession)


def _require_sts(principal: Principal, session: SessionFacts | None, name: str) -> None:
    if name == "AssumeRole" and isinstance(principal, Root):
        raise AccessDenied("Roles may not be assumed by root accounts.")
    if session is None:
        return
    if name not in _OPEN_TO_USER_SESSIONS if _is_own_session(principal) else name in _CLOSED_TO_ROLE_SESSIONS:
        raise AccessDenied(f"Cannot call {name} with session credentials")
