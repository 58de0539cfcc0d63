"""Shadow policies, and which of them concern somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.shadow_policy import ShadowInForce, ShadowPolicy
from akia.store.core import drafts, iam, p, sa
from akia.store.organizations.records import Records, Repository, count_where

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

_SHADOWS = Records("shadow_policies", lambda: drafts.shadow_policies, ShadowPolicy, "id")
_NAMED = _SHADOWS.query("named", lambda t: sa.select(t).where(t.c.target == p("target"), t.c.name == p("name")))
_PAGE = _SHADOWS.listing("page", "account")
_OF = _SHADOWS.query("of", lambda t: sa.select(t).where(t.c.target == p("target")).order_by(t.c.name))
_COUNT = _SHADOWS.query("count", count_where("target"))


def _in_force(t: sa.Table) -> Select[Any]:
    policies, versions, memberships = iam.managed_policies.c, iam.policy_versions.c, iam.memberships.c
    is_default = sa.and_(versions.policy_id == policies.id, versions.version == policies.default_version)
    groups = sa.select(memberships.group_id).where(memberships.user_id == p("id"))
    return (
        sa.select(t, policies.id.label("policy_id"), versions.document.label("text"))
        .select_from(t.outerjoin(iam.managed_policies, policies.arn == t.c.policy).outerjoin(iam.policy_versions, is_default))
        .where(sa.or_(t.c.target == p("id"), t.c.target.in_(groups)))
    )


_IN_FORCE = _SHADOWS.query("in_force", _in_force)


class ShadowPolicies(Repository[ShadowPolicy]):
    """The subject of changes is whom they stand on."""

    records = _SHADOWS

    def add(self, value: ShadowPolicy) -> None:
        """Raises NameTaken (names are unique on one target), StillReferred if there is no such target."""
        super().add(value)
        self._changes.add(value.target)

    def delete(self, *key: str) -> bool:
        """Deletes it, with its findings; whether there was one of this id."""
        shadow = self.get(*key)
        if shadow is None:
            return False
        self._changes.add(shadow.target)
        return super().delete(*key)

    def named(self, target: str, name: str) -> ShadowPolicy | None:
        return self._one(_NAMED, target=target, name=name)

    def of(self, target: str) -> list[ShadowPolicy]:
        """All that stand on one user, group or role, by name: there are few."""
        return [self._value(row) for row in self._connection.rows(_OF, target=target)]

    def page(self, account: str, after: str | None = None, limit: int = 100) -> list[ShadowPolicy]:
        """At most `limit` of the account, by id, which is by age."""
        return self._page(_PAGE, after, limit, account=account)

    def count(self, target: str) -> int:
        """How many stand on the user, group or role."""
        return self._connection.count(_COUNT, target=target)

    def in_force(self, identity_id: str) -> list[ShadowInForce]:
        """Those on a user (and its groups) or role, in no order. One whose managed policy is gone is left out."""
        found = []
        for *columns, policy_id, text in self._connection.rows(_IN_FORCE, id=identity_id):
            shadow = self._value(tuple(columns))
            if not shadow.policy or text is not None:
                found.append(ShadowInForce(shadow, policy_id, text if shadow.policy else shadow.document))
        return found
