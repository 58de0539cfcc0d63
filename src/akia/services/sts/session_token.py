"""Temporary credentials of one's own: GetSessionToken."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied
from akia.identity.principal import IamUser, Root, SessionFacts
from akia.operation import Access, Context, everything
from akia.services.sts._sts import sts, to_wire
from akia.services.sts.mfa import verified_mfa

if TYPE_CHECKING:
    from akia.wire.shapes import sts as shapes

DEFAULT_SECONDS = 43_200
ROOT_SECONDS = 3_600
"""Root gets no more, whatever it asks for (P1.7-10)."""


@sts.operation("GetSessionToken", access=Access.READ, resource=everything, always_allowed=True)
def get_session_token(ctx: Context, request: shapes.GetSessionTokenRequest) -> shapes.GetSessionTokenResponse:
    """Credentials that are the same user for a while. Needs no permission (P1.7-11), but a long-term key (NT-28)."""
    principal = ctx.caller.principal
    if principal.session is not None or not isinstance(principal, Root | IamUser):
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    seconds = request.get("DurationSeconds") or DEFAULT_SECONDS
    if isinstance(principal, Root):
        seconds = min(seconds, ROOT_SECONDS)
    session = SessionFacts(
        id=f"session-{secrets.token_hex(8)}",
        issued=ctx.now,
        expires=ctx.now + seconds,
        mfa_at=verified_mfa(ctx, request.get("SerialNumber"), request.get("TokenCode")),
    )
    return {"Credentials": to_wire(ctx.authority.tokens.issue(ctx.account, principal.unique_id, session))}
