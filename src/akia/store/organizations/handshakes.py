"""Handshakes, and requests to create accounts: what an organization has asked for."""

from __future__ import annotations

from akia.identity.account_request import AccountRequest
from akia.identity.handshake import Handshake
from akia.store.core import limited, orgs, p, sa
from akia.store.organizations.records import Records, Repository

_HANDSHAKES = Records("handshakes", lambda: orgs.handshakes, Handshake, "id")
_REPLACE = _HANDSHAKES.update("state")
_OF_ACCOUNT = _HANDSHAKES.listing("of_account", "account")
_OF_ORGANIZATION = _HANDSHAKES.listing("of_organization", "organization")
_REQUESTS = Records("account_requests", lambda: orgs.account_requests, AccountRequest, "id")
_PAGE = _REQUESTS.listing("page", "organization")
_CHILDREN = _HANDSHAKES.query(
    "children", lambda t: limited(sa.select(t).where(t.c.parent == p("parent"), t.c.organization == p("organization")).order_by(t.c.id))
)
EVERY = 100_000


class Handshakes(Repository[Handshake]):
    """Nothing that is kept in memory depends on them."""

    records = _HANDSHAKES

    def replace(self, handshake: Handshake) -> None:
        """Writes its state."""
        self._replace(_REPLACE, handshake)

    def of_account(self, account: str, after: str | None = None, limit: int = 100) -> list[Handshake]:
        """At most `limit` handshakes that `account` is or was to answer, by id."""
        return self._page(_OF_ACCOUNT, after, limit, account=account)

    def of_organization(self, organization: str, after: str | None = None, limit: int = 100) -> list[Handshake]:
        """At most `limit` handshakes that the organization began, by id."""
        return self._page(_OF_ORGANIZATION, after, limit, organization=organization)

    def children(self, handshake: Handshake) -> list[Handshake]:
        """The handshakes that are parts of this one."""
        rows = self._connection.rows(_CHILDREN, parent=handshake.id, organization=handshake.organization, limit=EVERY)
        return [self._value(row) for row in rows]


class AccountRequests(Repository[AccountRequest]):
    """Nothing that is kept in memory depends on them."""

    records = _REQUESTS

    def page(self, organization: str, after: str | None = None, limit: int = 100) -> list[AccountRequest]:
        """At most `limit` requests of the organization, by id."""
        return self._page(_PAGE, after, limit, organization=organization)
