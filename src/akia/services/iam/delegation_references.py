"""What the operations about delegation requests share: which request is meant, who sees it, how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import InvalidInput, NoSuchEntity
from akia.operation import ResourcePolicy
from akia.policy import Kind
from akia.services.iam._iam import iam_arn, utc
from akia.services.iam.delegated_roles import boundaries_of_new_roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.delegation_request import DelegationRequest, DelegationState
    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes

DELEGATION_REQUEST = "AWS::IAM::DelegationRequest"
OWNER = "iam:delegationrequestowner"
OWNERS_OWN = ["iam:GetDelegationRequest", "iam:GetHumanReadableSummary", "iam:UpdateDelegationRequest"]
"""What the owner of a request may do without anybody's permission."""
LONGEST_NAME = 30


def found_request(ctx: Context, request_id: str) -> DelegationRequest | None:
    """The request, if the caller's account may know of it: one without an owner account everybody, otherwise that account."""
    found = ctx.look_up("delegation requests", request_id, lambda _, name: ctx.store.delegation_requests.get(name))
    return found if found is not None and found.owner_account in ("", ctx.account) else None


def request_named(ctx: Context, request: Mapping[str, Any]) -> DelegationRequest:
    """The request called `DelegationRequestId`. Raises NoSuchEntity."""
    found = found_request(ctx, request["DelegationRequestId"])
    if found is None:
        raise NoSuchEntity(f"The delegation request with id {request['DelegationRequestId']} cannot be found.")
    return found


def owned_request(ctx: Context, request: Mapping[str, Any]) -> DelegationRequest:
    """The same, once it belongs to somebody of the caller's account. Raises NoSuchEntity, InvalidInput."""
    found = request_named(ctx, request)
    if not found.owner:
        raise InvalidInput(f"The delegation request {found.id} has no owner yet.")
    return found


def state_required(ctx: Context, request: DelegationRequest, *allowed: DelegationState) -> None:
    """Raises InvalidInput unless the request is in one of the states `allowed`."""
    state = request.state_at(ctx.now)
    if state not in allowed:
        raise InvalidInput(f"The delegation request {request.id} is in state {state}, which does not allow this.")


def request_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the request: it lies in the account of whoever asks."""
    return iam_arn(ctx, f"delegation-request/{request['DelegationRequestId']}")


def request_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """Who owns it."""
    return owner_conditions(found_request(ctx, request["DelegationRequestId"]))


def owner_conditions(found: DelegationRequest | None) -> Conditions:
    return {OWNER: found.owner_arn} if found is not None and found.owner_arn else {}


def default_permission(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    """What the owner of the request may do without anybody's permission."""
    return permission_of_owner(ctx, found_request(ctx, request["DelegationRequestId"]))


def permission_of_owner(ctx: Context, found: DelegationRequest | None) -> ResourcePolicy | None:
    """The request's own policy, if the caller is its owner. A session of a role is named by its role: this very session asks."""
    if found is None or not found.owner or found.owner != ctx.caller.principal.unique_id:
        return None
    principal = {"AWS": found.owner.partition(":")[0]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": OWNERS_OWN, "Resource": "*"}
    return ResourcePolicy(orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode(), Kind.RESOURCE, ctx.account)


def event_requests(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The request that an event is about; of a new one, what came out."""
    named = request.get("DelegationRequestId") or (result or {}).get("DelegationRequestId")
    if named:
        yield DELEGATION_REQUEST, named


def shown(ctx: Context, request: DelegationRequest) -> shapes.DelegationRequest:
    """A request with all that is known about it. What is empty is left out."""
    told: shapes.DelegationRequest = {
        "DelegationRequestId": request.id,
        "Description": request.description,
        "Permissions": {"PolicyTemplateArn": request.template, "Parameters": orjson.loads(request.parameters)},
        "PermissionPolicy": request.policy,
        "RolePermissionRestrictionArns": boundaries_of_new_roles(request.policy),
        "State": request.state_at(ctx.now).value,
        "ExpirationTime": utc(request.expires),
        "RequestorId": request.requestor,
        "CreateDate": utc(request.created),
        "SessionDuration": request.seconds,
        "OnlySendByOwner": bool(request.only_by_owner),
        "UpdatedTime": utc(request.updated),
    }
    optional = {
        "OwnerAccountId": request.owner_account,
        "RequestMessage": request.message,
        "OwnerId": request.owner_arn,
        "ApproverId": approver_arn(request),
        "RequestorName": requestor_name(ctx, request),
        "RedirectUrl": request.redirect,
        "Notes": request.notes,
        "RejectionReason": request.reason,
    }
    told.update({name: text for name, text in optional.items() if text})  # type: ignore[typeddict-item]  # names are the shape's
    return told


def approver_arn(request: DelegationRequest) -> str:
    """Of the identity that has accepted it, "" if none has."""
    return str(orjson.loads(request.approver)["arn"]) if request.approver else ""


def requestor_name(ctx: Context, request: DelegationRequest) -> str:
    """The name of the requestor's account, as far as AWS's characters go."""
    account = ctx.store.accounts.get(request.requestor)
    name = account.name if account is not None else ""
    return "".join(letter for letter in name if letter.isprintable() and ord(letter) < 256)[:LONGEST_NAME]
