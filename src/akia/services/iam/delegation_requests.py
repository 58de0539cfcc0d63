"""Asking for access: CreateDelegationRequest, AssociateDelegationRequest, GetDelegationRequest, ListDelegationRequests."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, cast

import orjson

from akia import policy
from akia.aws.errors import EntityAlreadyExists, InvalidInput, MalformedPolicyDocument
from akia.identity import policy_template
from akia.identity.delegation_request import DAY, DelegationRequest, DelegationState
from akia.identity.managed_policy import AWS
from akia.operation import Access, Conditions, Context, everything
from akia.policy import Kind
from akia.services.iam import pages
from akia.services.iam._iam import iam, iam_arn, require_room
from akia.services.iam.delegated_permissions import permission_check
from akia.services.iam.delegation_references import (
    OWNER,
    default_permission,
    event_requests,
    request_arn,
    request_conditions,
    request_named,
    shown,
    state_required,
)
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import iam as shapes

KEPT_SECONDS = 90 * DAY
"""How long a requestor's old requests are kept after their last change."""
_TOPIC = re.compile(r"arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?", re.ASCII)


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of a request to be made: its id is not known yet (P2.2-6)."""
    return iam_arn(ctx, "delegation-request/*")


def _creation(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    conditions = {"iam:delegationduration": str(request["SessionDuration"]), "iam:notificationchannel": request["NotificationChannel"]}
    template = request["Permissions"].get("PolicyTemplateArn")
    return conditions | ({"iam:templatearn": template} if template else {})


@iam.operation("CreateDelegationRequest", access=Access.WRITE, resource=_new_arn, conditions=_creation, event_resources=event_requests)
def create_delegation_request(ctx: Context, request: shapes.CreateDelegationRequestRequest) -> shapes.CreateDelegationRequestResponse:
    """The policy is made from its template now, and stays as it is, whatever becomes of the template.

    Raises InvalidInput (template, parameters, channel), EntityAlreadyExists (the workflow id), LimitExceeded.
    """
    if not _TOPIC.fullmatch(request["NotificationChannel"]):
        raise InvalidInput("The notification channel must be the ARN of an SNS topic.")
    made = _new_request(ctx, request)
    requests, limit = ctx.store.delegation_requests, ctx.authority.quotas.delegation_requests_per_account
    requests.forget(ctx.account, ctx.now - KEPT_SECONDS)
    require_room("DelegationRequestsPerAccount", requests.changed_since(ctx.account, ctx.now - 7 * DAY), limit)
    try:
        requests.add(made)
    except NameTaken:
        raise EntityAlreadyExists(f"A delegation request with workflow id {made.workflow} already exists.") from None
    return {"DelegationRequestId": made.id}


def _new_request(ctx: Context, request: shapes.CreateDelegationRequestRequest) -> DelegationRequest:
    permissions = request["Permissions"]
    return DelegationRequest(
        id=f"dr-{secrets.token_hex(16)}",
        requestor=ctx.account,
        workflow=request["RequestorWorkflowId"],
        owner_account=request.get("OwnerAccountId", ""),
        description=request["Description"],
        message=request.get("RequestMessage", ""),
        template=permissions.get("PolicyTemplateArn", ""),
        parameters=orjson.dumps(permissions.get("Parameters", [])).decode(),
        policy=_policy(ctx, permissions),
        redirect=request.get("RedirectUrl", ""),
        channel=request["NotificationChannel"],
        seconds=request["SessionDuration"],
        only_by_owner=int(request.get("OnlySendByOwner", False)),
        state=DelegationState.UNASSIGNED.value,
        created=ctx.now,
        since=ctx.now,
        updated=ctx.now,
    )


def _policy(ctx: Context, permissions: shapes.DelegationPermission) -> str:
    """The policy that the template becomes. Templates are managed policies, of AWS or of the requestor. Raises InvalidInput."""
    arn = permissions.get("PolicyTemplateArn", "")
    template = ctx.store.managed_policies.with_arn(arn)
    if template is None or template.account not in (AWS, ctx.account):
        raise InvalidInput(f"The policy template {arn} does not exist.")
    version = ctx.store.managed_policies.version(template.id, template.default_version)
    try:
        text = policy_template.rendered(
            version.document if version else "{}", map(_parameter, permissions.get("Parameters", [])), _limit(ctx)
        )
        policy.parse(text, Kind.SESSION)
    except policy_template.BadParameters as problem:
        raise InvalidInput(str(problem)) from None
    except MalformedPolicyDocument as problem:
        raise InvalidInput(f"The policy template does not become a policy: {problem.message}") from None
    return text


def _limit(ctx: Context) -> int:
    return ctx.authority.quotas.delegated_policy_length


def _parameter(given: shapes.PolicyParameter) -> policy_template.Parameter:
    if "Name" not in given:
        raise InvalidInput("Every policy parameter must have a name.")
    return policy_template.Parameter(given["Name"], given.get("Type", policy_template.STRING), tuple(given.get("Values", ())))


@iam.operation(
    "AssociateDelegationRequest",
    access=Access.WRITE,
    resource=request_arn,
    conditions=request_conditions,
    event_resources=event_requests,
)
def associate_delegation_request(ctx: Context, request: shapes.AssociateDelegationRequestRequest) -> None:
    """The caller becomes the owner, and its account the one whose access is asked for. Raises NoSuchEntity, InvalidInput (state)."""
    found = request_named(ctx, request)
    state_required(ctx, found, DelegationState.UNASSIGNED)
    principal = ctx.caller.principal
    ctx.store.delegation_requests.replace(
        found.moved(
            DelegationState.ASSIGNED,
            ctx.now,
            owner_account=ctx.account,
            owner=principal.unique_id,
            owner_arn=str(principal.arn),
        )
    )


@iam.operation(
    "GetDelegationRequest",
    access=Access.READ,
    resource=request_arn,
    conditions=request_conditions,
    resource_policy=default_permission,
    event_resources=event_requests,
)
def get_delegation_request(ctx: Context, request: shapes.GetDelegationRequestRequest) -> shapes.GetDelegationRequestResponse:
    """With `DelegationPermissionCheck`: also whether the caller could itself do all that is asked for. Raises NoSuchEntity."""
    found = request_named(ctx, request)
    told: shapes.GetDelegationRequestResponse = {"DelegationRequest": shown(ctx, found)}
    if request.get("DelegationPermissionCheck"):
        told["PermissionCheckStatus"] = "COMPLETE"
        told["PermissionCheckResult"] = permission_check(ctx, found.policy).value
    return told


def _listed_owner(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    owner = request.get("OwnerId")
    return {OWNER: owner} if owner else {}


@iam.operation("ListDelegationRequests", access=Access.LIST, resource=everything, conditions=_listed_owner)
def list_delegation_requests(ctx: Context, request: shapes.ListDelegationRequestsRequest) -> shapes.ListDelegationRequestsResponse:
    """Those that identities of the account own, by id: a request without an owner is in nobody's list. Raises ValidationError (marker)."""
    window = pages.window(request, "delegation requests")
    found = ctx.store.delegation_requests.page(ctx.account, request.get("OwnerId"), window.after, window.reach)
    requests, end = window.cut(found, lambda each: each.id)
    told: dict[str, Any] = {"DelegationRequests": [shown(ctx, each) for each in requests], "isTruncated": end["IsTruncated"]}
    return cast("shapes.ListDelegationRequestsResponse", told | ({"Marker": end["Marker"]} if "Marker" in end else {}))
