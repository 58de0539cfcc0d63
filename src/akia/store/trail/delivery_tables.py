"""Tables of trails and of what they have to deliver. Times are in epoch seconds."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, UniqueConstraint

from akia.store.tables import METADATA
from akia.store.trail.columns import keys, numbers, texts

trails = Table(
    "trails",
    METADATA,
    *keys("id"),
    *texts("account", "region", "name"),
    *numbers("ended", "created"),
    *texts("settings"),
    UniqueConstraint("account", "region", "name", "ended"),
    sqlite_with_rowid=False,
)
"""`settings` is JSON of everything else. `ended` is 0 for those that there are; a row outlives its trail until all is delivered."""

trail_lanes = Table(
    "trail_lanes",
    METADATA,
    *keys("trail", "account", "region"),
    *numbers("digested_until"),
    *texts("previous"),
    *numbers("delivered", "attempted"),
    *texts("delivery_error"),
    *numbers("digest_delivered"),
    *texts("digest_error"),
    sqlite_with_rowid=False,
)
"""A trail's files about one account and one region. `digested_until` is 0 while there is no chain of digests; `previous` links to the
last."""

trail_files = Table(
    "trail_files",
    METADATA,
    # Integer, since SQLite counts on without ever reusing a number only for this exact type
    Column("number", Integer, primary_key=True),
    *texts("trail", "account", "region", "kind"),
    *numbers("written"),
    *texts("bucket", "key", "metadata"),
    Column("body", LargeBinary, nullable=False),
    *texts("hash"),
    *numbers("oldest", "newest"),
    Column("undigested", Integer, nullable=False),
    Column("undelivered", Integer, nullable=False),
    Index("ix_trail_files_undelivered", "undelivered", "number"),
    Index("ix_trail_files_undigested", "trail", "account", "region", "undigested"),
    sqlite_autoincrement=True,
)
"""Files on their way: a row goes when its file is delivered and, if it is a log, stands in a digest."""

trail_keys = Table(
    "trail_keys",
    METADATA,
    *keys("fingerprint"),
    *numbers("created", "ends"),
    Column("public", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Keys of the whole installation that digests are signed with. No row is ever deleted (AC8.18)."""

job_leases = Table(
    "job_leases",
    METADATA,
    *keys("job"),
    *texts("holder"),
    *numbers("until"),
    sqlite_with_rowid=False,
)
"""Which worker does what only one should."""
