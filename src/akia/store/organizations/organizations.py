"""Organizations, and where in them accounts stand."""

from __future__ import annotations

from dataclasses import replace

from akia.identity.organization import Organization, Place
from akia.store.core import orgs, p, sa
from akia.store.organizations.records import Records, Repository
from akia.store.organizations.tree import announce, containers
from akia.store.statement import Query

_RECORDS = Records("organizations", lambda: orgs.organizations, Organization, "id")
_OF_ACCOUNT = Query(
    "organizations.of_account",
    lambda: (
        sa.select(orgs.organizations)
        .join_from(orgs.organizations, orgs.organization_members, orgs.organization_members.c.organization == orgs.organizations.c.id)
        .where(orgs.organization_members.c.account == p("account"))
    ),
)
_WITH_ROOT = _RECORDS.query("with_root", lambda t: sa.select(t).where(t.c.root == p("root")))
_REPLACE = _RECORDS.update("features", "types")


class Organizations(Repository[Organization]):
    records = _RECORDS

    def of_account(self, account: str) -> Organization | None:
        """The organization that `account` is a member of, be it as its management account."""
        return self._one(_OF_ACCOUNT, account=account)

    def with_root(self, root: str) -> Organization | None:
        return self._one(_WITH_ROOT, root=root)

    def place_of(self, account: str) -> Place | None:
        """Where `account` stands in its organization; None if it has none."""
        organization = self.of_account(account)
        return Place(organization, account, containers(self._connection, account)) if organization else None

    def replace(self, organization: Organization) -> None:
        """Writes its features and enabled policy types, which concerns all its accounts."""
        if self._replace(_REPLACE, organization):
            announce(self._connection, self._changes, organization.root)

    def delete(self, *key: str) -> bool:
        """Deletes the organization with all that is in it. Its accounts stay, in no organization; handshakes are remembered."""
        organization = self.get(*key)
        if organization is not None:
            self.replace(replace(organization, types=""))
        return super().delete(*key)
