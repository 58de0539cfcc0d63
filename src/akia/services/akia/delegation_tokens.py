"""How the requestor of a delegation learns what became of it, and fetches the trade-in token: AWS would notify a topic (ADR 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable
from akia.identity.delegation_request import DelegationRequest, DelegationState
from akia.keyring import Unsealable
from akia.operation import Access
from akia.services.akia._akia import ResourceNotFoundException, akia, utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Context
    from akia.wire.shapes import akia as shapes


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return f"arn:aws:iam::{ctx.account}:delegation-request/{request['DelegationRequestId']}"


def _about(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    yield "AWS::IAM::DelegationRequest", request["DelegationRequestId"]


@akia.operation("GetDelegationToken", access=Access.READ, resource=_arn, event_resources=_about)
def get_delegation_token(ctx: Context, request: shapes.GetDelegationTokenRequest) -> shapes.GetDelegationTokenResponse:
    """For the account that made the request, and no other. The token is there once it was sent, until it is traded in or too old.

    Raises ResourceNotFoundException.
    """
    found = ctx.store.delegation_requests.get(request["DelegationRequestId"])
    if found is None or found.requestor != ctx.account:
        raise ResourceNotFoundException(f"This account has made no delegation request {request['DelegationRequestId']}.")
    state = found.state_at(ctx.now)
    told: shapes.GetDelegationTokenResponse = {
        "DelegationRequestId": found.id,
        "RequestorWorkflowId": found.workflow,
        "State": state.value,
    }
    if found.owner_account:
        told["OwnerAccountId"] = found.owner_account
    if state is DelegationState.REJECTED and found.reason:
        told["RejectionReason"] = found.reason
    if state is DelegationState.FINALIZED:
        told["ExpirationTime"] = utc(found.access_ends * 1000)
        token = _token(ctx, found) if ctx.now < found.access_ends else None
        if token is not None:
            told["TradeInToken"] = token
    return told


def _token(ctx: Context, request: DelegationRequest) -> str | None:
    """Raises ServiceUnavailable if its row is damaged."""
    try:
        return ctx.store.delegation_requests.token_of(request)
    except Unsealable:
        raise ServiceUnavailable("A stored secret cannot be read.", detail=f"token of {request.id} is damaged") from None
