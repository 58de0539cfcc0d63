"""Insights, channels, imports, dashboards, and the resource policies of what CloudTrail keeps."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, Float, Integer, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0017"
down_revision = "0016"
_SERIES = ("account", "region", "source", "name", "error")


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    _insights()
    _channels()


def _insights() -> None:
    create_table(
        "call_minutes",
        *_text(*_SERIES),
        *_number("minute", "count"),
        PrimaryKeyConstraint(*_SERIES, "minute", name="pk_call_minutes"),
        sqlite_with_rowid=False,
    )
    create_index("ix_call_minutes_account_minute", "call_minutes", ["account", "minute"])
    create_table(
        "insight_watches",
        *_text("account"),
        *_number("since", "examined"),
        PrimaryKeyConstraint("account", name="pk_insight_watches"),
        sqlite_with_rowid=False,
    )
    create_table(
        "insights",
        *_text(*_SERIES, "id"),
        *_number("started", "last", "bound"),
        Column("average", Float(), nullable=False),
        *_number("minutes"),
        PrimaryKeyConstraint(*_SERIES, name="pk_insights"),
        sqlite_with_rowid=False,
    )
    create_table(
        "insight_events",
        Column("number", Integer(), nullable=False),
        *_text("event_id", "account", "region"),
        *_number("at_ms"),
        *_text("source", "name", "kind", "record"),
        PrimaryKeyConstraint("number", name="pk_insight_events"),
        UniqueConstraint("event_id", name="uq_insight_events_event_id"),
        sqlite_autoincrement=True,
    )
    create_index("ix_insight_events_account_at_ms", "insight_events", ["account", "at_ms"])


def _channels() -> None:
    create_table(
        "trail_resource_policies",
        *_text("arn", "account", "document"),
        PrimaryKeyConstraint("arn", name="pk_trail_resource_policies"),
        sqlite_with_rowid=False,
    )
    create_table(
        "channels",
        *_text("id", "account", "region", "name", "source"),
        *_number("created"),
        *_text("destinations", "tags", "ingestion"),
        PrimaryKeyConstraint("id", name="pk_channels"),
        UniqueConstraint("account", "region", "name", name="uq_channels_account"),
        sqlite_with_rowid=False,
    )
    create_table(
        "imports",
        *_text("id", "account", "region"),
        *_number("created"),
        *_text("status", "destination", "details"),
        *_number("step"),
        PrimaryKeyConstraint("id", name="pk_imports"),
        sqlite_with_rowid=False,
    )
    create_index("ix_imports_account_region_created", "imports", ["account", "region", "created"])
    create_index("ix_imports_status", "imports", ["status"])
    create_table(
        "dashboards",
        *_text("account", "region", "name", "details"),
        PrimaryKeyConstraint("account", "region", "name", name="pk_dashboards"),
        sqlite_with_rowid=False,
    )
    create_table(
        "import_failures",
        *_text("import_id", "location", "status", "error_type", "error_message"),
        *_number("updated"),
        PrimaryKeyConstraint("import_id", "location", name="pk_import_failures"),
        sqlite_with_rowid=False,
    )
