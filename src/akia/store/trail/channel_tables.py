"""Tables of what comes into event data stores from elsewhere, and of who may. Times are in epoch seconds unless they say `ms`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from akia.store.tables import METADATA

resource_policies = Table(
    "trail_resource_policies",
    METADATA,
    Column("arn", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("document", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Resource policies of what CloudTrail keeps. `document` names users and roles by their unique ids."""

channels = Table(
    "channels",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("destinations", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("ingestion", Text, nullable=False),
    UniqueConstraint("account", "region", "name"),
    sqlite_with_rowid=False,
)
"""`destinations` is a JSON list of the ids of event data stores; `tags` and `ingestion` (how the latest events came in) are JSON."""

imports = Table(
    "imports",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("step", BigInteger, nullable=False),
    Index(None, "account", "region", "created"),
    Index(None, "status"),
    sqlite_with_rowid=False,
)
"""`destination` is the id of an event data store, `step` grows with every change, `details` is JSON of everything else."""

dashboards = Table(
    "dashboards",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("details", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""`details` is JSON of everything else."""

import_failures = Table(
    "import_failures",
    METADATA,
    Column("import_id", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("error_type", Text, nullable=False),
    Column("error_message", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Files that an import could not read."""
