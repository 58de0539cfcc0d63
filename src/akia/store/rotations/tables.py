"""Tables of rotations. The columns of each stand in the order of its value's fields; times are in epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from akia.store.tables import METADATA


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


rotations = Table(
    "rotations",
    METADATA,
    Column("id", Text, primary_key=True),
    *_text("account", "owner", "user_name", "old_key", "new_key"),
    *_number("started_ms"),
    *_text("started_by"),
    *_number("quiet_ms", "inactive_ms"),
    *_text("targets", "state", "delivered"),
    *_number("since_ms", "old_called_ms", "new_called_ms"),
    *_text("stilled"),
    *_number("attempts"),
    *_text("problem"),
    *_number("due_ms", "version", "ended_ms"),
    Index(None, "account", "id"),
    Index(None, "owner", "ended_ms"),
    Index(None, "ended_ms", "due_ms"),
    Index(None, "stilled"),
    sqlite_with_rowid=False,
)
"""They outlive their keys and users: they are the evidence. Ids grow with time."""

rotation_steps = Table(
    "rotation_steps",
    METADATA,
    Column("rotation_id", Text, ForeignKey("rotations.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    *_number("at_ms"),
    *_text("before", "after", "reason", "who", "evidence"),
    sqlite_with_rowid=False,
)

rotation_policies = Table(
    "rotation_policies",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    *_text("mode"),
    *_number("every_days", "quiet_ms", "inactive_ms"),
    sqlite_with_rowid=False,
)

rotation_reminders = Table(
    "rotation_reminders",
    METADATA,
    Column("key_id", Text, ForeignKey("access_keys.id", ondelete="CASCADE"), primary_key=True),
    *_number("days"),
    sqlite_with_rowid=False,
)
"""They go with their keys."""
