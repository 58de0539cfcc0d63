"""Whose events somebody gets who collects them for an account, or for the organization that it manages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.store.store import Store


class ReachedAccounts:
    """Those of `account`, and if `organization` says so those of every account of the organization that it manages. Looks at the store once
    for each account."""

    def __init__(self, store: Store, account: str, *, organization: bool) -> None:
        self._store = store
        self._account = account
        self._whole = organization
        self._organizations: dict[str, str | None] = {}

    def organization(self, account: str) -> str | None:
        """The id of the organization through which `account` is reached, "" if through none; None if it is not reached."""
        if account not in self._organizations:
            self._organizations[account] = self._found(account)
        return self._organizations[account]

    def _found(self, account: str) -> str | None:
        own = "" if account == self._account else None
        if not self._whole:
            return own
        organization = self._store.organizations.of_account(account)
        return organization.id if organization and organization.management_account == self._account else own
