"""Deciding on a delegation request: UpdateDelegationRequest, AcceptDelegationRequest, RejectDelegationRequest, SendDelegationToken."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, ConcurrentModification
from akia.identity.delegation_request import OPEN, Approver, DelegationState
from akia.identity.principal import FederatedIdentity, FederatedUser, IamUser, RoleSession, Root
from akia.operation import Access, Context
from akia.services.iam._iam import iam
from akia.services.iam.delegation_references import (
    default_permission,
    event_requests,
    owned_request,
    request_arn,
    request_conditions,
    request_named,
    state_required,
)

if TYPE_CHECKING:
    from akia.identity.delegation_request import DelegationRequest
    from akia.identity.principal import Principal
    from akia.wire.shapes import iam as shapes

LONGEST_OF_ROOT = 4 * 3_600
"""The longest access that a root user may accept, in seconds."""


@iam.operation(
    "UpdateDelegationRequest",
    access=Access.WRITE,
    resource=request_arn,
    conditions=request_conditions,
    resource_policy=default_permission,
    event_resources=event_requests,
)
def update_delegation_request(ctx: Context, request: shapes.UpdateDelegationRequestRequest) -> None:
    """Passes the request on to whoever may approve it, with notes; notes that are not given stay. Raises NoSuchEntity, InvalidInput."""
    found = owned_request(ctx, request)
    state_required(ctx, found, *OPEN)
    notes = request.get("Notes", found.notes)
    ctx.store.delegation_requests.replace(found.moved(DelegationState.PENDING_APPROVAL, ctx.now, notes=notes))


@iam.operation(
    "AcceptDelegationRequest", access=Access.WRITE, resource=request_arn, conditions=request_conditions, event_resources=event_requests
)
def accept_delegation_request(ctx: Context, request: shapes.AcceptDelegationRequestRequest) -> None:
    """The caller is whom the requestor will act as. Who may not give its permissions away gets AccessDenied: a session that is itself
    limited by policies, and root for more than four hours. Raises NoSuchEntity, ConcurrentModification (state)."""
    found = request_named(ctx, request)
    if found.state_at(ctx.now) not in OPEN:
        raise ConcurrentModification(f"The delegation request {found.id} is in state {found.state_at(ctx.now)} and cannot be accepted.")
    approver = _approver(ctx, ctx.caller.principal, found)
    ctx.store.delegation_requests.replace(found.moved(DelegationState.ACCEPTED, ctx.now, approver=approver.to_text()))


def _approver(ctx: Context, principal: Principal, request: DelegationRequest) -> Approver:
    """Raises AccessDenied for those who may not lend what they have."""
    session = principal.session
    if session is not None and (session.policies or session.delegate):
        # delegated credentials would have only one set of session policies: theirs, in the place of the approver's
        raise AccessDenied("Sessions that are limited by session policies cannot accept delegation requests.")
    owner, name = _lender(principal, request)
    lineage = ctx.caller.lineage
    key, restricted = (lineage.key, lineage.restricted) if lineage is not None else ("", False)
    arn, ends = str(principal.arn), ctx.caller.ends
    approver = Approver(principal.account, owner, name, arn, expires=ends, key=key, restricted=restricted, since=ctx.now)
    return approver if session is None else approver.within(session)


def _lender(principal: Principal, request: DelegationRequest) -> tuple[str, str]:
    """`owner` and `name` of the approver. Raises AccessDenied."""
    match principal:
        case Root():
            if request.seconds > LONGEST_OF_ROOT:
                raise AccessDenied("The root user can accept delegation requests of at most 4 hours.")
            return principal.account, ""
        case IamUser(user=user):
            return user.id, ""
        case RoleSession(role=role, name=name):
            return role.id, name
        case FederatedUser() | FederatedIdentity():
            raise AccessDenied("Federated users cannot accept delegation requests.")


@iam.operation(
    "RejectDelegationRequest", access=Access.WRITE, resource=request_arn, conditions=request_conditions, event_resources=event_requests
)
def reject_delegation_request(ctx: Context, request: shapes.RejectDelegationRequestRequest) -> None:
    """For good; an accepted one too, until its token is sent. Raises NoSuchEntity, InvalidInput (state)."""
    found = owned_request(ctx, request)
    state_required(ctx, found, *OPEN, DelegationState.ACCEPTED)
    ctx.store.delegation_requests.replace(found.moved(DelegationState.REJECTED, ctx.now, reason=request.get("Notes", "")))


@iam.operation(
    "SendDelegationToken", access=Access.WRITE, resource=request_arn, conditions=request_conditions, event_resources=event_requests
)
def send_delegation_token(ctx: Context, request: shapes.SendDelegationTokenRequest) -> None:
    """Makes the trade-in token, for the requestor to fetch (`akia:GetDelegationToken`), and lets the time of the access begin.

    Raises NoSuchEntity, InvalidInput (state); AccessDenied if only the owner may send it.
    """
    found = owned_request(ctx, request)
    state_required(ctx, found, DelegationState.ACCEPTED)
    if found.only_by_owner and found.owner != ctx.caller.principal.unique_id:
        raise AccessDenied("Only the owner of the delegation request can send its token.")
    sent = found.moved(DelegationState.FINALIZED, ctx.now, sent=ctx.now)
    ctx.store.delegation_requests.send(sent, f"akia-trade-in-{secrets.token_urlsafe(48)}")
