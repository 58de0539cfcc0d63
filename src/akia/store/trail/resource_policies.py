"""Resource policies of event data stores, channels and dashboards, by ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import channels, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_GET = Query(
    "trail_resource_policies.get",
    lambda: sa.select(channels.resource_policies.c.document).where(channels.resource_policies.c.arn == p("arn")),
)
_PUT = Query("trail_resource_policies.put", lambda: upsert(channels.resource_policies, ("arn",), "document"))
_DELETE = Query(
    "trail_resource_policies.delete", lambda: sa.delete(channels.resource_policies).where(channels.resource_policies.c.arn == p("arn"))
)


class TrailResourcePolicies:
    """Read anew whenever they are asked for: nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, arn: str) -> str | None:
        """The document, users and roles in it by unique id; None if there is none."""
        row = self._connection.row(_GET, arn=arn)
        return row[0] if row else None

    def put(self, arn: str, account: str, document: str) -> None:
        """In place of the one that is there."""
        self._connection.run(_PUT, arn=arn, account=account, document=document)

    def delete(self, arn: str) -> bool:
        """Whether there was one."""
        return self._connection.run(_DELETE, arn=arn) > 0
