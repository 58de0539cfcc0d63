"""All tables together: what migrations are compared with."""

from __future__ import annotations

from akia.store.alerts import tables as alerts
from akia.store.drafts import tables as drafts
from akia.store.federation import tables as federation
from akia.store.iam import account_tables as settled
from akia.store.iam import credential_tables as credentials
from akia.store.iam import delegation_tables as delegation
from akia.store.iam import key_tables as keys
from akia.store.iam import saml_tables as saml
from akia.store.iam import tables as iam
from akia.store.limit_tables import limits
from akia.store.organizations import tables as organizations
from akia.store.rotations import tables as rotations
from akia.store.signin import tables as signin
from akia.store.tables import METADATA
from akia.store.trail import channel_tables as channels
from akia.store.trail import delivery_tables as deliveries
from akia.store.trail import insight_tables as insight
from akia.store.trail import lake_tables as lake
from akia.store.trail import tables as trail

__all__ = [
    "METADATA",
    "alerts",
    "channels",
    "credentials",
    "delegation",
    "deliveries",
    "drafts",
    "federation",
    "iam",
    "insight",
    "keys",
    "lake",
    "limits",
    "organizations",
    "rotations",
    "saml",
    "settled",
    "signin",
    "trail",
]
