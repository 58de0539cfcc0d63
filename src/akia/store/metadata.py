"""All tables together: what migrations are compared with."""

from __future__ import annotations

from akia.store.iam import tables as iam
from akia.store.tables import METADATA
from akia.store.trail import tables as trail

__all__ = ["METADATA", "iam", "trail"]
