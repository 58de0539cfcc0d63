"""Tables of alerts. The columns of each stand in the order of its value's fields."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from akia.store.tables import METADATA


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


alerts = Table(
    "alerts",
    METADATA,
    Column("id", Text, primary_key=True),
    *_text("account", "rule", "subject", "detail", "severity", "summary"),
    *_number("first_ms", "last_ms"),
    *_text("event_ids"),
    *_number("count"),
    *_text("status", "response"),
    *_number("acknowledged"),
    *_text("acknowledged_by", "note"),
    Index(None, "account", "rule", "subject", "detail", "first_ms"),
    sqlite_with_rowid=False,
)
"""Ids grow with time."""

alert_states = Table(
    "alert_states",
    METADATA,
    Column("rule", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    *_number("at_ms"),
    *_text("state"),
    Index(None, "rule", "at_ms"),
    sqlite_with_rowid=False,
)
"""What rules remember; `state` is JSON, `at_ms` the event that last changed it."""

alert_messages = Table(
    "alert_messages",
    METADATA,
    Column("id", Text, primary_key=True),
    *_text("channel", "alert_id", "body"),
    *_number("created", "due", "attempts"),
    Index(None, "due"),
    sqlite_with_rowid=False,
)
"""Messages that have not been sent; `due` in epoch seconds."""
