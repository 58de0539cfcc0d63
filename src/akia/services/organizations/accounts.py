"""The accounts of an organization: their look-up, their place, their closing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.aws.organization_errors import (
    AccountAlreadyClosed,
    AccountNotFound,
    ConstraintViolation,
    DestinationParentNotFound,
    DuplicateAccount,
    SourceParentNotFound,
)
from akia.operation import Access
from akia.services.organizations import entities, pages
from akia.services.organizations._organizations import Reach, about, named, operation, utc

if TYPE_CHECKING:
    from akia.identity.account import Account
    from akia.identity.organization import Member, Organization
    from akia.operation import Context
    from akia.wire.shapes import organizations as shapes


def shown(ctx: Context, organization: Organization, member: Member) -> shapes.Account:
    """An account as the wire shows it."""
    account = _account(ctx, member.account)
    state = "ACTIVE" if account.closed is None else "SUSPENDED"
    path = (organization.id, *entities.containers_above(ctx, organization, member.parent), member.account, "")
    result: shapes.Account = {
        "Id": member.account,
        "Arn": organization.arn("account", member.account),
        "Name": account.name,
        "Status": state,
        "State": state,
        "Paths": ["/".join(path)],
        "JoinedMethod": member.method,
        "JoinedTimestamp": utc(member.joined),
    }
    if account.email is not None:
        result["Email"] = account.email
    return result


def _account(ctx: Context, account_id: str) -> Account:
    account = ctx.store.accounts.get(account_id)
    if account is None:
        raise AccountNotFound
    return account


_ONE = named("AccountId")
_ABOUT = about("Account", "AccountId")


@operation("DescribeAccount", access=Access.READ, reach=Reach.DELEGATES, resource=_ONE, about=_ABOUT)
def describe_account(ctx: Context, organization: Organization, request: shapes.DescribeAccountRequest) -> shapes.DescribeAccountResponse:
    """Raises AccountNotFound."""
    return {"Account": shown(ctx, organization, entities.member(ctx, organization, request["AccountId"]))}


@operation("ListAccounts", access=Access.LIST, reach=Reach.DELEGATES)
def list_accounts(ctx: Context, organization: Organization, request: shapes.ListAccountsRequest) -> shapes.ListAccountsResponse:
    """All, by id. Raises InvalidInput (token)."""
    members, end = pages.page(
        request, "accounts", lambda after, limit: ctx.store.members.page(organization.id, after, limit), lambda member: member.account
    )
    return {"Accounts": [shown(ctx, organization, member) for member in members], **end}


@operation("ListAccountsForParent", access=Access.LIST, reach=Reach.DELEGATES, resource=named("ParentId"))
def list_accounts_for_parent(
    ctx: Context, organization: Organization, request: shapes.ListAccountsForParentRequest
) -> shapes.ListAccountsForParentResponse:
    """Those right below the parent, by id. Raises ParentNotFound, InvalidInput (token)."""
    parent = request["ParentId"]
    entities.require_container(ctx, organization, parent)
    members, end = pages.page(
        request, f"accounts {parent}", lambda after, limit: ctx.store.members.of_parent(parent, after, limit), lambda member: member.account
    )
    return {"Accounts": [shown(ctx, organization, member) for member in members], **end}


@operation(
    "MoveAccount",
    access=Access.WRITE,
    reach=Reach.MANAGEMENT,
    resource=named("AccountId", "SourceParentId", "DestinationParentId"),
    about=_ABOUT,
)
def move_account(ctx: Context, organization: Organization, request: shapes.MoveAccountRequest) -> None:
    """Raises AccountNotFound, SourceParentNotFound, DestinationParentNotFound, DuplicateAccount."""
    member = entities.member(ctx, organization, request["AccountId"])
    source, destination = request["SourceParentId"], request["DestinationParentId"]
    entities.require_container(ctx, organization, source, SourceParentNotFound)
    entities.require_container(ctx, organization, destination, DestinationParentNotFound)
    if member.parent == destination:
        raise DuplicateAccount
    if member.parent != source:
        raise SourceParentNotFound
    ctx.store.members.replace(replace(member, parent=destination))


@operation("CloseAccount", access=Access.WRITE, reach=Reach.MANAGEMENT, resource=_ONE, about=_ABOUT)
def close_account(ctx: Context, organization: Organization, request: shapes.CloseAccountRequest) -> None:
    """From now on nobody of the account can sign. Raises AccountNotFound, AccountAlreadyClosed, ConstraintViolation."""
    account_id = request["AccountId"]
    entities.member(ctx, organization, account_id)
    if account_id == organization.management_account:
        raise ConstraintViolation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account.")
    if _account(ctx, account_id).closed is not None:
        raise AccountAlreadyClosed
    ctx.store.accounts.close(account_id, ctx.now)
