"""Tables of what comes into event data stores from elsewhere, and of who may. Times are in epoch seconds unless they say `ms`."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from akia.store.tables import METADATA
from akia.store.trail.columns import keys, numbers, texts

resource_policies = Table(
    "trail_resource_policies",
    METADATA,
    *keys("arn"),
    *texts("account", "document"),
    sqlite_with_rowid=False,
)
"""Resource policies of what CloudTrail keeps. `document` names users and roles by their unique ids."""

channels = Table(
    "channels",
    METADATA,
    *keys("id"),
    *texts("account", "region", "name", "source"),
    *numbers("created"),
    *texts("destinations", "tags", "ingestion"),
    UniqueConstraint("account", "region", "name"),
    sqlite_with_rowid=False,
)
"""`destinations` is a JSON list of the ids of event data stores; `tags` and `ingestion` (how the latest events came in) are JSON."""

imports = Table(
    "imports",
    METADATA,
    *keys("id"),
    *texts("account", "region"),
    *numbers("created"),
    *texts("status", "destination", "details"),
    *numbers("step"),
    Index(None, "account", "region", "created"),
    Index(None, "status"),
    sqlite_with_rowid=False,
)
"""`destination` is the id of an event data store, `step` grows with every change, `details` is JSON of everything else."""

dashboards = Table(
    "dashboards",
    METADATA,
    *keys("account", "region", "name"),
    *texts("details"),
    sqlite_with_rowid=False,
)
"""`details` is JSON of everything else."""

import_failures = Table(
    "import_failures",
    METADATA,
    *keys("import_id", "location"),
    *texts("status", "error_type", "error_message"),
    *numbers("updated"),
    sqlite_with_rowid=False,
)
"""Files that an import could not read."""
