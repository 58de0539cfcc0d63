"""New accounts: CreateAccount, DescribeCreateAccountStatus, ListCreateAccountStatus.

An account is made at once, with its root user, and with a role that the management account may take (P1.7-2): its only way in.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from akia.aws.ids import Prefix
from akia.aws.ids import new_id as new_unique_id
from akia.aws.organization_errors import CreateAccountStatusNotFound
from akia.identity.account import Account
from akia.identity.account_request import FAILED, SUCCEEDED, AccountRequest
from akia.identity.role import Role
from akia.operation import Access
from akia.services.organizations import pages, tags
from akia.services.organizations._organizations import Reach, new_id, operation, tagging, utc
from akia.services.organizations.membership import CREATED, join, require_room_for_account
from akia.store.errors import IdTaken, NameTaken
from akia.store.founding import new_account_id

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes

ACCESS_ROLE = "OrganizationAccountAccessRole"
_ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


@operation("CreateAccount", access=Access.WRITE, reach=Reach.MANAGEMENT, also=tagging("account"))
def create_account(ctx: Context, organization: Organization, request: shapes.CreateAccountRequest) -> shapes.CreateAccountResponse:
    """An address belongs to one account only: else the request's state tells the failure. Raises ConstraintViolation, InvalidInput."""
    require_room_for_account(ctx, organization)
    given = tags.given(ctx, request.get("Tags", []))
    account = _new_account(ctx, request["AccountName"], request["Email"])
    if account is not None:
        join(ctx, organization, account, CREATED)
        _add_access_role(ctx, organization, account, request.get("RoleName", ACCESS_ROLE))
        ctx.store.organization_tags.put(account, organization.id, given)
    state, reason = (SUCCEEDED, "") if account is not None else (FAILED, "EMAIL_ALREADY_EXISTS")
    made = AccountRequest(new_id("car-", 32), organization.id, request["AccountName"], ctx.now, state, account or "", reason)
    ctx.store.account_requests.add(made)
    return {"CreateAccountStatus": _shown(made)}


def _new_account(ctx: Context, name: str, email: str) -> str | None:
    """The id of a new account, or None if the address is taken."""
    while True:
        account = new_account_id()
        try:
            ctx.store.accounts.add(Account(account, name, ctx.now, email=email.lower()))
        except IdTaken:
            continue
        except NameTaken:
            return None
        return account


def _add_access_role(ctx: Context, organization: Organization, account: str, name: str) -> None:
    """The role in the new account that trusts the management account and may do everything."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{organization.management_account}:root"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = Role(account, new_unique_id(Prefix.ROLE, account), name, "/", ctx.now, trust)
    ctx.store.roles.add(role)
    policy = ctx.store.managed_policies.with_arn(_ADMINISTRATOR_ACCESS)
    assert policy is not None
    ctx.store.attachments.attach(policy.id, role.id, account)


def _shown(request: AccountRequest) -> shapes.CreateAccountStatus:
    status: shapes.CreateAccountStatus = {
        "Id": request.id,
        "AccountName": request.name,
        "State": request.state,
        "RequestedTimestamp": utc(request.requested),
        "CompletedTimestamp": utc(request.requested),
    }
    if request.account:
        status["AccountId"] = request.account
    if request.reason:
        status["FailureReason"] = request.reason
    return status


@operation("DescribeCreateAccountStatus", access=Access.READ, reach=Reach.DELEGATES)
def describe_status(
    ctx: Context, organization: Organization, request: shapes.DescribeCreateAccountStatusRequest
) -> shapes.DescribeCreateAccountStatusResponse:
    """Raises CreateAccountStatusNotFound."""
    found = ctx.store.account_requests.get(request["CreateAccountRequestId"])
    if found is None or found.organization != organization.id:
        raise CreateAccountStatusNotFound
    return {"CreateAccountStatus": _shown(found)}


@operation("ListCreateAccountStatus", access=Access.LIST, reach=Reach.DELEGATES)
def list_statuses(
    ctx: Context, organization: Organization, request: shapes.ListCreateAccountStatusRequest
) -> shapes.ListCreateAccountStatusResponse:
    """Those in one of the asked states, by id; a page may hold fewer than asked for (W6.8). Raises InvalidInput (token)."""
    found, end = pages.page(
        request, "requests", lambda after, limit: ctx.store.account_requests.page(organization.id, after, limit), lambda each: each.id
    )
    wanted = request.get("States") or (SUCCEEDED, FAILED)
    return {"CreateAccountStatuses": [_shown(each) for each in found if each.state in wanted], **end}
