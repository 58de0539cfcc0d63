"""The accounts of organizations."""

from __future__ import annotations

from akia.identity.organization import Member
from akia.store.core import orgs
from akia.store.organizations.records import Records, Repository, count_where

_RECORDS = Records("organization_members", lambda: orgs.organization_members, Member, "account")
_REPLACE = _RECORDS.update("parent")
_OF_PARENT = _RECORDS.listing("of_parent", "parent")
_PAGE = _RECORDS.listing("page", "organization")
_COUNT = _RECORDS.query("count", count_where("organization"))


class Members(Repository[Member]):
    """Whatever changes here concerns the account itself."""

    records = _RECORDS

    def add(self, value: Member) -> None:
        """Raises IdTaken if the account is in an organization already."""
        super().add(value)
        self._changes.add(f"acct:{value.account}")

    def replace(self, member: Member) -> None:
        """Moves the account to another parent."""
        if self._replace(_REPLACE, member):
            self._changes.add(f"acct:{member.account}")

    def delete(self, *key: str) -> bool:
        """Takes the account out of its organization."""
        gone = super().delete(*key)
        if gone:
            self._changes.add(f"acct:{key[0]}")
        return gone

    def page(self, organization: str, after: str | None = None, limit: int = 100) -> list[Member]:
        """At most `limit` accounts of the organization, by id."""
        return self._page(_PAGE, after, limit, organization=organization)

    def of_parent(self, parent: str, after: str | None = None, limit: int = 100) -> list[Member]:
        """At most `limit` accounts right below `parent`, by id."""
        return self._page(_OF_PARENT, after, limit, parent=parent)

    def count(self, organization: str) -> int:
        return self._connection.count(_COUNT, organization=organization)
