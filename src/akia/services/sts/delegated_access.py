"""Delegated access: GetDelegatedAccessToken (SI17.6).

Whoever asked for a delegation, and was granted it, trades the token in: for credentials of the identity that accepted, as it is now,
limited to the policy that was accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import ExpiredTradeInToken
from akia.identity.delegation_request import Approver, DelegationRequest, DelegationState
from akia.identity.principal import IamUser, RoleSession, Root
from akia.operation import Access, Context, everything
from akia.services.sts._sts import about_key, fresh_session_id, sts, to_wire

if TYPE_CHECKING:
    from akia.identity.principal import Principal
    from akia.identity.session import SessionFacts
    from akia.wire.shapes import sts as shapes


@sts.operation("GetDelegatedAccessToken", access=Access.WRITE, resource=everything, event_resources=about_key)
def get_delegated_access_token(ctx: Context, request: shapes.GetDelegatedAccessTokenRequest) -> shapes.GetDelegatedAccessTokenResponse:
    """Once: the token is used up with it. Raises ExpiredTradeInToken for every token that is not good (any more), PackedPolicyTooLarge."""
    asked = _redeemable(ctx, request["TradeInToken"])
    approver = Approver.from_text(asked.approver)
    session = asked.session(approver, fresh_session_id(), ctx.now)
    principal = _principal(ctx, approver, session)
    if principal is None or session.expires <= ctx.now or not ctx.store.delegation_requests.redeem(asked):
        raise _expired()
    credentials = ctx.authority.tokens.issue(approver.account, approver.owner, session, approver.name)
    return {
        "Credentials": to_wire(credentials),
        "PackedPolicySize": credentials.packed,
        "AssumedPrincipal": str(principal.arn),
    }


def _redeemable(ctx: Context, token: str) -> DelegationRequest:
    """The request that the token was sent for, to the caller's account. Raises ExpiredTradeInToken."""
    found = ctx.store.delegation_requests.with_token(token) if token else None
    if found is None or found.requestor != ctx.account:
        raise _expired()
    if found.state_at(ctx.now) is not DelegationState.FINALIZED or ctx.now >= found.access_ends:
        raise _expired()
    return found


def _principal(ctx: Context, approver: Approver, session: SessionFacts) -> Principal | None:
    """Who accepted, as it is now. None if it is gone, by unique id (NT-36), if its account is closed, or its session was revoked."""
    revoked = ctx.store.sessions.revoked(approver.session, key=approver.key, owner=approver.owner, issued=approver.since)
    if revoked or not ctx.store.accounts.is_open(approver.account):
        return None
    if approver.owner == approver.account:
        return Root(approver.account, session)
    role = ctx.store.roles.with_id(approver.owner)
    if role is not None:
        return RoleSession(role, approver.name, session)
    user = ctx.store.users.with_id(approver.owner)
    return IamUser(user, session) if user is not None else None


def _expired() -> ExpiredTradeInToken:
    return ExpiredTradeInToken("The trade-in token provided in the request has expired and can no longer be exchanged for credentials.")
