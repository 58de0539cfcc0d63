"""Least privilege from evidence: whom events are about, and questions about what somebody has used."""

from __future__ import annotations

from alembic.op import create_index, create_table, execute
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_table(
        "event_principals",
        Column("account", Text(), nullable=False),
        Column("principal", Text(), nullable=False),
        Column("at_ms", BigInteger(), nullable=False),
        Column("event_id", Text(), nullable=False),
        PrimaryKeyConstraint("account", "principal", "at_ms", "event_id", name="pk_event_principals"),
        sqlite_with_rowid=False,
    )
    execute(
        "INSERT INTO event_principals SELECT account, json_extract(decision, '$[0].principalId'), at_ms, event_id FROM events"
        " WHERE json_extract(decision, '$[0].principalId') IS NOT NULL"
    )
    create_table(
        "analysis_jobs",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("started", BigInteger(), nullable=False),
        Column("canceled", Integer(), nullable=False),
        Column("token", Text(), nullable=False),
        Column("details", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_analysis_jobs"),
        UniqueConstraint("account", "kind", "token", name="uq_analysis_jobs_account_kind_token"),
        sqlite_with_rowid=False,
    )
    create_index("ix_analysis_jobs_account_kind_started", "analysis_jobs", ["account", "kind", "started"])
    create_table(
        "analyzers",
        Column("account", Text(), nullable=False),
        Column("region", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("type", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("configuration", Text(), nullable=False),
        Column("tags", Text(), nullable=False),
        PrimaryKeyConstraint("account", "region", "name", name="pk_analyzers"),
        sqlite_with_rowid=False,
    )
