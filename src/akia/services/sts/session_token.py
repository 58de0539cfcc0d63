"""Temporary credentials of one's own: GetSessionToken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.session import SessionFacts
from akia.operation import Access, Context, everything
from akia.services.sts._sts import about_key, fresh_session_id, sts, to_wire
from akia.services.sts.duration import end_of_own_session
from akia.services.sts.mfa import brings_code, use_code

if TYPE_CHECKING:
    from akia.wire.shapes import sts as shapes


@sts.operation(
    "GetSessionToken",
    access=Access.READ,
    resource=everything,
    always_allowed=True,
    writes_if=brings_code,
    event_resources=about_key,
)
def get_session_token(ctx: Context, request: shapes.GetSessionTokenRequest) -> shapes.GetSessionTokenResponse:
    """Credentials that are the same user for a while. Needs no permission (P1.7-11), but a long-term key (P1.7-9).

    They live on when that key is deactivated, and die with the user. With a code of the user's device they are good for IAM too; raises
    AccessDenied for one that is wrong.
    """
    mfa_at = use_code(ctx, request)
    principal = ctx.caller.principal
    session = SessionFacts(
        id=fresh_session_id(),
        issued=ctx.now,
        expires=end_of_own_session(request.get("DurationSeconds"), ctx.caller, ctx.now),
        mfa_at=mfa_at,
        lineage=ctx.caller.lineage,
    )
    least = request.get("MinimumSessionTokenSize", 0)
    credentials = ctx.authority.tokens.issue(ctx.account, principal.unique_id, session, least=least)
    return {
        "Credentials": to_wire(credentials),
        "SessionTokenUtilization": credentials.utilization,
        "SessionTokenSize": credentials.size,
    }
