"""All tables together: what migrations are compared with."""

from __future__ import annotations

from akia.store.drafts import tables as drafts
from akia.store.federation import tables as federation
from akia.store.iam import tables as iam
from akia.store.organizations import tables as organizations
from akia.store.tables import METADATA
from akia.store.trail import tables as trail

__all__ = ["METADATA", "drafts", "federation", "iam", "organizations", "trail"]
