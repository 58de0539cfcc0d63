"""Organizational units."""

from __future__ import annotations

from akia.identity.organization import OrganizationalUnit
from akia.store.core import orgs, p, sa
from akia.store.organizations.records import Records, Repository, count_where

_RECORDS = Records("organizational_units", lambda: orgs.organizational_units, OrganizationalUnit, "id")
_REPLACE = _RECORDS.update("name")
_OF_PARENT = _RECORDS.listing("of_parent", "parent")
_IDS = _RECORDS.query("ids", lambda t: sa.select(t.c.id).where(t.c.organization == p("organization")))
_COUNT = _RECORDS.query("count", count_where("organization"))


class OrganizationalUnits(Repository[OrganizationalUnit]):
    records = _RECORDS

    def replace(self, unit: OrganizationalUnit) -> None:
        """Writes its name, on which nothing depends. Raises NameTaken by another unit of its parent."""
        self._replace(_REPLACE, unit)

    def page(self, parent: str, after: str | None = None, limit: int = 100) -> list[OrganizationalUnit]:
        """At most `limit` units right below `parent`, by id."""
        return self._page(_OF_PARENT, after, limit, parent=parent)

    def ids(self, organization: str) -> list[str]:
        """The ids of all units of the organization."""
        return [row[0] for row in self._connection.rows(_IDS, organization=organization)]

    def count(self, organization: str) -> int:
        return self._connection.count(_COUNT, organization=organization)
