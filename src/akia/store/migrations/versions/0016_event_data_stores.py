"""Event data stores, their events, queries and what these have answered."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0016"
down_revision = "0015"


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    create_table(
        "event_data_stores",
        *_text("id", "account", "region", "name"),
        *_number("created", "deleted"),
        *_text("settings"),
        PrimaryKeyConstraint("id", name="pk_event_data_stores"),
        UniqueConstraint("account", "region", "name", name="uq_event_data_stores_account"),
        sqlite_with_rowid=False,
    )
    create_table(
        "event_data_store_events",
        *_text("store", "event_id"),
        *_number("at_ms"),
        *_text("record"),
        UniqueConstraint("store", "event_id", name="uq_event_data_store_events_store"),
    )
    create_index("ix_event_data_store_events_store_at_ms", "event_data_store_events", ["store", "at_ms"])
    create_table(
        "lake_queries",
        *_text("id", "account", "region", "store", "alias"),
        *_number("created"),
        *_text("status", "holder"),
        *_number("until"),
        *_text("details"),
        PrimaryKeyConstraint("id", name="pk_lake_queries"),
        sqlite_with_rowid=False,
    )
    create_index("ix_lake_queries_account_region_created", "lake_queries", ["account", "region", "created"])
    create_index("ix_lake_queries_status_created", "lake_queries", ["status", "created"])
    create_table(
        "lake_results",
        *_text("query_id"),
        Column("first", Integer(), nullable=False),
        Column("rows", Integer(), nullable=False),
        Column("body", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("query_id", "first", name="pk_lake_results"),
        sqlite_with_rowid=False,
    )
