"""The account's alias: CreateAccountAlias, DeleteAccountAlias, ListAccountAliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import EntityAlreadyExists, NoSuchEntity, ValidationError
from akia.operation import Access, Context, everything
from akia.services.iam import pages
from akia.services.iam._iam import iam
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from akia.wire.shapes import iam as shapes


def _alias(ctx: Context) -> str | None:
    account = ctx.store.accounts.get(ctx.account)
    return account.alias if account else None


@iam.operation("CreateAccountAlias", access=Access.PERMISSIONS, resource=everything)
def create_account_alias(ctx: Context, request: shapes.CreateAccountAliasRequest) -> None:
    """An account has one alias: a new one takes the place of the old one, as in AWS.

    Raises EntityAlreadyExists if it is in use, be it by this account, and ValidationError for what looks like an account id.
    """
    alias = request["AccountAlias"]
    if len(alias) == 12 and alias.isdigit():
        raise ValidationError("The account alias must not be an account id: twelve digits.")
    if alias == _alias(ctx):
        raise EntityAlreadyExists(f"The account alias {alias} already exists.")
    try:
        ctx.store.accounts.set_alias(ctx.account, alias)
    except NameTaken:
        raise EntityAlreadyExists(f"The account alias {alias} already exists.") from None


@iam.operation("DeleteAccountAlias", access=Access.PERMISSIONS, resource=everything)
def delete_account_alias(ctx: Context, request: shapes.DeleteAccountAliasRequest) -> None:
    """Raises NoSuchEntity if the account's alias is another, so that an outdated name deletes nothing."""
    if request["AccountAlias"] != _alias(ctx):
        raise NoSuchEntity(f"The account alias with name {request['AccountAlias']} cannot be found.")
    ctx.store.accounts.set_alias(ctx.account, None)


@iam.operation("ListAccountAliases", access=Access.LIST, resource=everything)
def list_account_aliases(ctx: Context, request: shapes.ListAccountAliasesRequest) -> shapes.ListAccountAliasesResponse:
    """None or one. Raises ValidationError (marker)."""
    alias = _alias(ctx)
    shown, end = pages.window(request, "aliases").slice([alias] if alias else [])
    return {"AccountAliases": list(shown), **end}
