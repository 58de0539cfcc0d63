"""Trails, the files that they deliver, and the keys that digests are signed with."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    create_table(
        "trails",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("region", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("ended", BigInteger(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("settings", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_trails"),
        UniqueConstraint("account", "region", "name", "ended", name="uq_trails_account"),
        sqlite_with_rowid=False,
    )
    create_table(
        "trail_lanes",
        Column("trail", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("region", Text(), nullable=False),
        Column("digested_until", BigInteger(), nullable=False),
        Column("previous", Text(), nullable=False),
        Column("delivered", BigInteger(), nullable=False),
        Column("attempted", BigInteger(), nullable=False),
        Column("delivery_error", Text(), nullable=False),
        Column("digest_delivered", BigInteger(), nullable=False),
        Column("digest_error", Text(), nullable=False),
        PrimaryKeyConstraint("trail", "account", "region", name="pk_trail_lanes"),
        sqlite_with_rowid=False,
    )
    create_table(
        "trail_files",
        Column("number", Integer(), nullable=False),
        Column("trail", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("region", Text(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("written", BigInteger(), nullable=False),
        Column("bucket", Text(), nullable=False),
        Column("key", Text(), nullable=False),
        Column("metadata", Text(), nullable=False),
        Column("body", LargeBinary(), nullable=False),
        Column("hash", Text(), nullable=False),
        Column("oldest", BigInteger(), nullable=False),
        Column("newest", BigInteger(), nullable=False),
        Column("undigested", Integer(), nullable=False),
        Column("undelivered", Integer(), nullable=False),
        PrimaryKeyConstraint("number", name="pk_trail_files"),
        sqlite_autoincrement=True,
    )
    create_index("ix_trail_files_undelivered", "trail_files", ["undelivered", "number"])
    create_index("ix_trail_files_undigested", "trail_files", ["trail", "account", "region", "undigested"])
    create_table(
        "trail_keys",
        Column("fingerprint", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("ends", BigInteger(), nullable=False),
        Column("public", LargeBinary(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("fingerprint", name="pk_trail_keys"),
        sqlite_with_rowid=False,
    )
    create_table(
        "job_leases",
        Column("job", Text(), nullable=False),
        Column("holder", Text(), nullable=False),
        Column("until", BigInteger(), nullable=False),
        PrimaryKeyConstraint("job", name="pk_job_leases"),
        sqlite_with_rowid=False,
    )
