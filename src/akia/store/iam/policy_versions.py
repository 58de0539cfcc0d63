"""Versions of managed policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.managed_policy import PolicyVersion
from akia.store.core import iam, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.changes import Changes
    from akia.store.connection import Connection

_GET = Query(
    "policy_versions.get",
    lambda: sa.select(iam.policy_versions).where(
        iam.policy_versions.c.policy_id == p("policy_id"), iam.policy_versions.c.version == p("version")
    ),
)
_ALL = Query(
    "policy_versions.all",
    lambda: (
        sa.select(iam.policy_versions)
        .where(iam.policy_versions.c.policy_id == p("policy_id"))
        .order_by(sa.func.length(iam.policy_versions.c.version).desc(), iam.policy_versions.c.version.desc())
    ),
)
_ADD = Query("policy_versions.add", lambda: sa.insert(iam.policy_versions))
_DELETE = Query(
    "policy_versions.delete",
    lambda: sa.delete(iam.policy_versions).where(
        iam.policy_versions.c.policy_id == p("policy_id"), iam.policy_versions.c.version == p("version")
    ),
)
_COUNT = Query(
    "policy_versions.count",
    lambda: sa.select(sa.func.count()).select_from(iam.policy_versions).where(iam.policy_versions.c.policy_id == p("policy_id")),
)


class PolicyVersions:
    """Subjects of changes are the ids of the policies."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def version(self, policy_id: str, version: str) -> PolicyVersion | None:
        row = self._connection.row(_GET, policy_id=policy_id, version=version)
        return PolicyVersion(*row) if row else None

    def versions(self, policy_id: str, after: str | None = None, limit: int = 100) -> list[PolicyVersion]:
        """At most `limit` versions, newest first, beginning after the version `after`. A policy has a handful (P5.4-5)."""
        found = [PolicyVersion(*row) for row in self._connection.rows(_ALL, policy_id=policy_id)]
        if after is not None:
            found = [version for version in found if (len(version.version), version.version) < (len(after), after)]
        return found[:limit]

    def add_version(self, version: PolicyVersion) -> None:
        """Adds a version that is not yet the default. Raises IdTaken, or StillReferred if there is no such policy."""
        self._connection.run(_ADD, policy_id=version.policy_id, version=version.version, document=version.document, created=version.created)

    def add_versions(self, versions: Sequence[PolicyVersion]) -> None:
        """Adds versions as `add_version` does, hundreds at once."""
        self._connection.run_many(_ADD, [(each.policy_id, each.version, each.document, each.created) for each in versions])

    def delete_version(self, policy_id: str, version: str) -> None:
        if self._connection.run(_DELETE, policy_id=policy_id, version=version):
            self._changes.add(policy_id)

    def version_count(self, policy_id: str) -> int:
        return self._connection.count(_COUNT, policy_id=policy_id)
