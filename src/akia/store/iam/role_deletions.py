"""What became of requests to delete service-linked roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.identity.role_deletion import DeletionStatus, RoleDeletion, RoleUsage
from akia.store.core import iam, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row

_COLUMNS = ("id", "account", "path", "role", "asked", "status", "reason", "usages")
_ADD = Query("role_deletions.add", lambda: sa.insert(iam.role_deletions))
_GET = Query(
    "role_deletions.get", lambda: sa.select(*(iam.role_deletions.c[name] for name in _COLUMNS)).where(iam.role_deletions.c.id == p("id"))
)


class RoleDeletions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, deletion: RoleDeletion) -> None:
        """Raises IdTaken."""
        self._connection.run(
            _ADD,
            id=deletion.id,
            account=deletion.account,
            path=deletion.path,
            role=deletion.role,
            asked=deletion.asked,
            status=deletion.status.value,
            reason=deletion.reason,
            usages=orjson.dumps([[usage.region, usage.resources] for usage in deletion.usages]).decode(),
        )

    def get(self, id: str) -> RoleDeletion | None:  # noqa: A002 - as in every repository
        row = self._connection.row(_GET, id=id)
        return _deletion(row) if row else None


def _deletion(row: Row) -> RoleDeletion:
    unique_id, account, path, role, asked, status, reason, usages = row
    found = tuple(RoleUsage(region, tuple(resources)) for region, resources in orjson.loads(usages))
    return RoleDeletion(unique_id, account, path, role, asked, DeletionStatus(status), reason, found)
