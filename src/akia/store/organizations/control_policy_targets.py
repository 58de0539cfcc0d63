"""What control policies are attached to: the root, organizational units, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import insert_once, limited, orgs, p, sa
from akia.store.organizations.tree import announce
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection, Value

_ATTACH = Query("control_policy_targets.attach", lambda: insert_once(orgs.control_policy_targets, "target", "policy"))
_DETACH = Query(
    "control_policy_targets.detach",
    lambda: sa.delete(orgs.control_policy_targets).where(
        orgs.control_policy_targets.c.target == p("target"), orgs.control_policy_targets.c.policy == p("policy")
    ),
)
_CLEAR = Query(
    "control_policy_targets.clear",
    lambda: sa.delete(orgs.control_policy_targets).where(orgs.control_policy_targets.c.target == p("target")),
)
_DETACH_ALL = Query(
    "control_policy_targets.detach_all",
    lambda: sa.delete(orgs.control_policy_targets).where(
        orgs.control_policy_targets.c.organization == p("organization"), orgs.control_policy_targets.c.type == p("type")
    ),
)
_ON_TARGET = Query(
    "control_policy_targets.on_target",
    lambda: limited(
        sa.select(orgs.control_policy_targets.c.policy)
        .where(
            orgs.control_policy_targets.c.target == p("target"),
            orgs.control_policy_targets.c.type == p("type"),
            orgs.control_policy_targets.c.policy > p("after"),
        )
        .order_by(orgs.control_policy_targets.c.policy)
    ),
)
_OF_POLICY = Query(
    "control_policy_targets.of_policy",
    lambda: limited(
        sa.select(orgs.control_policy_targets.c.target)
        .where(
            orgs.control_policy_targets.c.policy == p("policy"),
            orgs.control_policy_targets.c.organization == p("organization"),
            orgs.control_policy_targets.c.target > p("after"),
        )
        .order_by(orgs.control_policy_targets.c.target)
    ),
)


class ControlPolicyTargets:
    """Whatever changes here concerns every account below the target."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def attach(self, policy: str, target: str, organization: str, kind: str) -> bool:
        """Attaches the policy, of the type `kind`; whether it was not attached yet."""
        values: dict[str, Value] = {"target": target, "policy": policy, "organization": organization, "type": kind}
        return self._announced(target, self._connection.run(_ATTACH, **values))

    def detach(self, policy: str, target: str) -> bool:
        """Whether it was attached."""
        return self._announced(target, self._connection.run(_DETACH, policy=policy, target=target))

    def clear(self, target: str) -> bool:
        """Detaches everything from `target`, which leaves the organization; whether there was anything."""
        return self._announced(target, self._connection.run(_CLEAR, target=target))

    def detach_all(self, organization: str, root: str, kind: str) -> bool:
        """Detaches all policies of the type `kind` in the organization with the root `root`; whether there was any."""
        return self._announced(root, self._connection.run(_DETACH_ALL, organization=organization, type=kind))

    def on_target(self, target: str, kind: str, after: str | None = None, limit: int = 100) -> list[str]:
        """The ids of at most `limit` policies of the type `kind` on `target`, in order."""
        return self._ids(_ON_TARGET, after, limit, target=target, type=kind)

    def of_policy(self, policy: str, organization: str, after: str | None = None, limit: int = 100) -> list[str]:
        """The ids of at most `limit` targets of the policy in the organization (AWS's policies have some in each), in order."""
        return self._ids(_OF_POLICY, after, limit, policy=policy, organization=organization)

    def _ids(self, query: Query, after: str | None, limit: int, **parameters: Value) -> list[str]:
        return [row[0] for row in self._connection.rows(query, after=after or "", limit=limit, **parameters)]

    def _announced(self, target: str, touched: int) -> bool:
        if touched:
            announce(self._connection, self._changes, target)
        return touched > 0
