"""Tags of whatever has tags in an organization: roots, units, accounts, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import orgs, p, sa, upsert
from akia.store.iam import tags
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Connection

_GET = Query(
    "organization_tags.get",
    lambda: sa.select(orgs.organization_tags.c.tags).where(
        orgs.organization_tags.c.resource == p("resource"), orgs.organization_tags.c.organization == p("organization")
    ),
)
_PUT = Query("organization_tags.put", lambda: upsert(orgs.organization_tags, ("resource",), "organization", "tags"))
_DELETE = Query(
    "organization_tags.delete", lambda: sa.delete(orgs.organization_tags).where(orgs.organization_tags.c.resource == p("resource"))
)


class OrganizationTags:
    """By the id of what has them. Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, resource: str, organization: str) -> Mapping[str, str]:
        """The tags that the resource has in this organization."""
        row = self._connection.row(_GET, resource=resource, organization=organization)
        return tags.from_text(row[0]) if row else {}

    def put(self, resource: str, organization: str, wanted: Mapping[str, str]) -> None:
        """Gives the resource just these tags."""
        if wanted:
            self._connection.run(_PUT, resource=resource, organization=organization, tags=tags.to_text(wanted))
        else:
            self.delete(resource)

    def delete(self, resource: str) -> None:
        """Forgets the tags of what is gone."""
        self._connection.run(_DELETE, resource=resource)
