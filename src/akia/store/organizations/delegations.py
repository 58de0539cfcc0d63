"""Services that work across an organization, the accounts that administer them, and the organization's resource policy."""

from __future__ import annotations

from akia.identity.delegation import Delegation, DelegationPolicy, ServiceAccess
from akia.store.core import orgs, p, sa
from akia.store.organizations.records import Records, Repository

_ACCESSES = Records("service_accesses", lambda: orgs.service_accesses, ServiceAccess, "organization", "service")
_ACCESS_PAGE = _ACCESSES.listing("page", "organization")
_DELEGATIONS = Records("delegations", lambda: orgs.delegations, Delegation, "organization", "account", "service")
_OF_ACCOUNT = _DELEGATIONS.listing("of_account", "organization", "account")
_ALL = _DELEGATIONS.query("all", lambda t: sa.select(t).where(t.c.organization == p("organization")).order_by(t.c.account, t.c.service))
_POLICIES = Records("delegation_policies", lambda: orgs.delegation_policies, DelegationPolicy, "organization")
_REPLACE_POLICY = _POLICIES.update("content")


class ServiceAccesses(Repository[ServiceAccess]):
    """Nothing that is kept in memory depends on them."""

    records = _ACCESSES

    def page(self, organization: str, after: str | None = None, limit: int = 100) -> list[ServiceAccess]:
        """At most `limit` services of the organization, by name."""
        return self._page(_ACCESS_PAGE, after, limit, organization=organization)


class Delegations(Repository[Delegation]):
    """Nothing that is kept in memory depends on them."""

    records = _DELEGATIONS

    def of_account(self, organization: str, account: str, after: str | None = None, limit: int = 100) -> list[Delegation]:
        """At most `limit` services that `account` administers, by name."""
        return self._page(_OF_ACCOUNT, after, limit, organization=organization, account=account)

    def all(self, organization: str) -> list[Delegation]:
        """All of the organization, by account and service: there are few."""
        return [self._value(row) for row in self._connection.rows(_ALL, organization=organization)]


class DelegationPolicies(Repository[DelegationPolicy]):
    """At most one an organization. Read anew whenever it is asked for."""

    records = _POLICIES

    def replace(self, policy: DelegationPolicy) -> None:
        """Writes its content."""
        self._replace(_REPLACE_POLICY, policy)
