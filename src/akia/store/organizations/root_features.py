"""Features of centralized root access."""

from __future__ import annotations

from akia.identity.root_feature import SERVICE, RootFeature
from akia.store.core import orgs, p, sa
from akia.store.organizations.records import Records, Repository

_RECORDS = Records("root_features", lambda: orgs.root_features, RootFeature, "organization", "feature")


def _joined(features: sa.Table) -> sa.Select[tuple[str]]:
    accesses = orgs.service_accesses.c
    trusted = sa.exists().where(accesses.organization == p("organization"), accesses.service == p("service"))
    return sa.select(features.c.feature).where(features.c.organization == p("organization"), trusted).order_by(features.c.feature)


_ENABLED = _RECORDS.query("enabled", _joined)


class RootFeatures(Repository[RootFeature]):
    """Nothing that is kept in memory depends on them."""

    records = _RECORDS

    def enabled(self, organization: str) -> frozenset[str]:
        """The features that work: none once IAM's access to the organization has been disabled, whatever was enabled before."""
        return frozenset(row[0] for row in self._connection.rows(_ENABLED, organization=organization, service=SERVICE))
