"""Alerts on suspicious use: what rules remember, what they have found, what is to be sent."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Text

revision = "0015"
down_revision = "0014"


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    create_table(
        "alerts",
        *_text("id", "account", "rule", "subject", "detail", "severity", "summary"),
        *_number("first_ms", "last_ms"),
        *_text("event_ids"),
        *_number("count"),
        *_text("status", "response"),
        *_number("acknowledged"),
        *_text("acknowledged_by", "note"),
        PrimaryKeyConstraint("id", name="pk_alerts"),
        sqlite_with_rowid=False,
    )
    alike = ["account", "rule", "subject", "detail", "first_ms"]
    create_index("ix_alerts_account_rule_subject_detail_first_ms", "alerts", alike)
    create_table(
        "alert_states",
        *_text("rule", "subject"),
        *_number("at_ms"),
        *_text("state"),
        PrimaryKeyConstraint("rule", "subject", name="pk_alert_states"),
        sqlite_with_rowid=False,
    )
    create_index("ix_alert_states_rule_at_ms", "alert_states", ["rule", "at_ms"])
    create_table(
        "alert_messages",
        *_text("id", "channel", "alert_id", "body"),
        *_number("created", "due", "attempts"),
        PrimaryKeyConstraint("id", name="pk_alert_messages"),
        sqlite_with_rowid=False,
    )
    create_index("ix_alert_messages_due", "alert_messages", ["due"])
