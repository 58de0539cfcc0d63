"""Accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.account import Account
from akia.store.core import base, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row

_GET = Query("accounts.get", lambda: sa.select(base.accounts).where(base.accounts.c.id == p("id")))
_BY_ALIAS = Query("accounts.by_alias", lambda: sa.select(base.accounts).where(base.accounts.c.alias == p("alias")))
_BY_EMAIL = Query("accounts.by_email", lambda: sa.select(base.accounts).where(base.accounts.c.email == p("email")))
_ALL = Query("accounts.all", lambda: sa.select(base.accounts).order_by(base.accounts.c.id))
_ADD = Query("accounts.add", lambda: sa.insert(base.accounts))
_SET_ALIAS = Query(
    "accounts.set_alias", lambda: sa.update(base.accounts).where(base.accounts.c.id == p("account")).values(alias=p("new_alias"))
)

_CLOSE = Query("accounts.close", lambda: sa.update(base.accounts).where(base.accounts.c.id == p("account")).values(closed=p("now")))


class Accounts:
    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def get(self, account_id: str) -> Account | None:
        return _account(self._connection.row(_GET, id=account_id))

    def by_alias(self, alias: str) -> Account | None:
        """The account whose sign-in name is `alias`."""
        return _account(self._connection.row(_BY_ALIAS, alias=alias))

    def by_email(self, email: str) -> Account | None:
        """The account whose root user has the address `email`, which is compared as it is written."""
        return _account(self._connection.row(_BY_EMAIL, email=email))

    def is_open(self, account_id: str) -> bool:
        """Whether there is such an account, and nobody has closed it: of others nobody signs, nor is anybody let in."""
        account = self.get(account_id)
        return account is not None and account.closed is None

    def all(self) -> list[Account]:
        """Every account, by id."""
        return [Account(*row) for row in self._connection.rows(_ALL)]

    def add(self, account: Account) -> None:
        """Raises IdTaken or (its alias or address) NameTaken."""
        columns = ("id", "name", "created", "alias", "email", "closed")
        self._connection.run(_ADD, **{column: getattr(account, column) for column in columns})

    def set_alias(self, account_id: str, alias: str | None) -> None:
        """Gives the account `alias` in place of what it had. Raises NameTaken if another account has it."""
        if self._connection.run(_SET_ALIAS, account=account_id, new_alias=alias):
            self._changes.add(f"acct:{account_id}")

    def close(self, account_id: str, now: int) -> None:
        """From now on (epoch seconds) nobody of the account can sign."""
        if self._connection.run(_CLOSE, account=account_id, now=now):
            self._changes.add(f"acct:{account_id}")


def _account(row: Row | None) -> Account | None:
    return Account(*row) if row else None
