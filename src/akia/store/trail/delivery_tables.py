"""Tables of trails and of what they have to deliver. Times are in epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA

trails = Table(
    "trails",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("settings", Text, nullable=False),
    UniqueConstraint("account", "region", "name", "ended"),
    sqlite_with_rowid=False,
)
"""`settings` is JSON of everything else. `ended` is 0 for those that there are; a row outlives its trail until all is delivered."""

trail_lanes = Table(
    "trail_lanes",
    METADATA,
    Column("trail", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("digested_until", BigInteger, nullable=False),
    Column("previous", Text, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("attempted", BigInteger, nullable=False),
    Column("delivery_error", Text, nullable=False),
    Column("digest_delivered", BigInteger, nullable=False),
    Column("digest_error", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""A trail's files about one account and one region. `digested_until` is 0 while there is no chain of digests; `previous` links to the
last."""

trail_files = Table(
    "trail_files",
    METADATA,
    # Integer, since SQLite counts on without ever reusing a number only for this exact type
    Column("number", Integer, primary_key=True),
    Column("trail", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
    Column("oldest", BigInteger, nullable=False),
    Column("newest", BigInteger, nullable=False),
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
    Column("fingerprint", Text, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Keys of the whole installation that digests are signed with. No row is ever deleted (AC8.18)."""

job_leases = Table(
    "job_leases",
    METADATA,
    Column("job", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Which worker does what only one should."""
