"""Control policies. AWS's own are in force like any other and have no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.control_policy import AWS_POLICIES, ControlPolicy
from akia.identity.policy_source import PolicySource
from akia.store.core import orgs, p, sa
from akia.store.organizations.records import Records, Repository, count_where
from akia.store.organizations.tree import above, announce
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

_RECORDS = Records("control_policies", lambda: orgs.control_policies, ControlPolicy, "id")
_REPLACE = _RECORDS.update("name", "description", "content")
_OF_TYPE = _RECORDS.listing("of_type", "organization", "type")
_COUNT = _RECORDS.query("count", count_where("organization", "type"))
_TARGETS = Query(
    "control_policies.targets",
    lambda: (
        sa.select(orgs.control_policy_targets.c.target)
        .where(orgs.control_policy_targets.c.policy == p("policy"))
        .order_by(orgs.control_policy_targets.c.target)
    ),
)


def _in_force() -> Select[Any]:
    path, targets = above("account"), orgs.control_policy_targets
    levels = sa.select(path.c.id).union_all(sa.select(p("account").label("id"))).cte("levels")
    return (
        sa.select(targets.c.target, targets.c.policy, *orgs.control_policies.c)
        .join_from(levels, targets, targets.c.target == levels.c.id)
        .join(orgs.control_policies, orgs.control_policies.c.id == targets.c.policy, isouter=True)
        .order_by(targets.c.target, targets.c.policy)
    )


_IN_FORCE = Query("control_policies.in_force", _in_force)


class ControlPolicies(Repository[ControlPolicy]):
    records = _RECORDS

    def replace(self, policy: ControlPolicy) -> None:
        """Writes name, description and content, which concerns every account below its targets. Raises NameTaken."""
        if self._replace(_REPLACE, policy):
            for (target,) in self._connection.rows(_TARGETS, policy=policy.id):
                announce(self._connection, self._changes, target)

    def page(self, organization: str, kind: str, after: str | None = None, limit: int = 100) -> list[ControlPolicy]:
        """At most `limit` policies of the type `kind` that the organization has made, by id."""
        return self._page(_OF_TYPE, after, limit, organization=organization, type=kind)

    def count(self, organization: str, kind: str) -> int:
        return self._connection.count(_COUNT, organization=organization, type=kind)

    def in_force(self, account: str) -> list[PolicySource]:
        """The policies at every level above `account`, and on it: the layer is the type, the owner what the policy is attached to."""
        return [
            _source(target, AWS_POLICIES.get(policy) or self._value(tuple(row)))
            for target, policy, *row in self._connection.rows(_IN_FORCE, account=account)
        ]


def _source(target: str, policy: ControlPolicy) -> PolicySource:
    return PolicySource(policy.type, target, policy.name, str(policy.arn), None, None, policy.content)
