"""Lending one's permissions to somebody who has none here: GetFederationToken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.identity.principal import FederatedUser, IamUser
from akia.identity.session import SessionFacts
from akia.operation import Access, Conditions, Context, Required
from akia.services.sts._sts import about_key, fresh_session_id, sts, to_wire
from akia.services.sts.duration import end_of_own_session
from akia.services.sts.session_policies import session_policies
from akia.services.sts.session_tags import session_tags, tag_conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from akia.wire.shapes import sts as shapes


def _arn(ctx: Context, request: shapes.GetFederationTokenRequest) -> str:
    """Of the federated user that would be (P2.3-5)."""
    return str(Arn("sts", "", ctx.account, f"federated-user/{request['Name']}"))


def _conditions(ctx: Context, request: shapes.GetFederationTokenRequest) -> Conditions:
    return tag_conditions(request.get("Tags", []), ())


def _tagging(ctx: Context, request: shapes.GetFederationTokenRequest) -> Iterator[Required]:
    """Who gives the session tags must be allowed to (P1.7-4)."""
    if request.get("Tags"):
        yield Required("sts:TagSession", _arn(ctx, request), _conditions(ctx, request))


def _event_resources(request: shapes.GetFederationTokenRequest, result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    if result is not None:
        yield "AWS::STS::FederatedUser", result["FederatedUser"]["Arn"]
        yield from about_key(request, result)


@sts.operation(
    "GetFederationToken",
    access=Access.READ,
    resource=_arn,
    conditions=_conditions,
    also=_tagging,
    event_resources=_event_resources,
)
def get_federation_token(ctx: Context, request: shapes.GetFederationTokenRequest) -> shapes.GetFederationTokenResponse:
    """Credentials that may do what both the caller and the session's policies may; without policies nothing that a resource does not grant
    by itself (P1.7-8, P1.3-10).

    Only for long-term keys (P1.7-9). They die with the user who asked, whatever becomes of its key. Raises ValidationError,
    InvalidParameterValue, MalformedPolicyDocument, PackedPolicyTooLarge.
    """
    principal = ctx.caller.principal
    lender = principal.user if isinstance(principal, IamUser) else None
    made = FederatedUser(ctx.account, request["Name"], lender, _session(ctx, request))
    credentials = ctx.authority.tokens.issue(
        ctx.account, principal.unique_id, made.session, made.name, least=request.get("MinimumSessionTokenSize", 0)
    )
    response: shapes.GetFederationTokenResponse = {
        "Credentials": to_wire(credentials),
        "FederatedUser": {"FederatedUserId": made.unique_id, "Arn": str(made.arn)},
        "SessionTokenUtilization": credentials.utilization,
        "SessionTokenSize": credentials.size,
    }
    if made.session.policies or made.session.tags:
        response["PackedPolicySize"] = credentials.packed
    return response


def _session(ctx: Context, request: shapes.GetFederationTokenRequest) -> SessionFacts:
    return SessionFacts(
        id=fresh_session_id(),
        issued=ctx.now,
        expires=end_of_own_session(request.get("DurationSeconds"), ctx.caller, ctx.now),
        tags=session_tags(request.get("Tags", []), (), None).tags,
        policies=session_policies(ctx, request.get("Policy"), request.get("PolicyArns", []), ctx.account),
        lineage=ctx.caller.lineage,
    )
