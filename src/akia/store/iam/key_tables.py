"""Tables of what akia knows of access keys beyond AWS: what they are for, which names an account wants, and who has called with them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from akia.store.tables import METADATA

key_attributes = Table(
    "key_attributes",
    METADATA,
    Column("key_id", Text, ForeignKey("access_keys.id", ondelete="CASCADE"), primary_key=True),
    Column("description", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("tags", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""A key without a row says nothing about itself."""

key_naming_rules = Table(
    "key_naming_rules",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("pattern", Text, nullable=False),
    # JSON: a list of attributes, and lists of values by attribute
    Column("required", Text, nullable=False),
    Column("allowed", Text, nullable=False),
    sqlite_with_rowid=False,
)

key_calls = Table(
    "key_calls",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("access_key_id", Text, primary_key=True),
    # days and hours since 1970
    Column("day", BigInteger, primary_key=True),
    # "" for all calls of the day that are not told apart
    Column("service", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("denials", BigInteger, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Sums of the events that the job `count_key_calls` has come past. They outlive the events, and the keys."""

key_hours = Table(
    "key_hours",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("access_key_id", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True, index=True),
    Column("calls", BigInteger, nullable=False),
    Column("denials", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The same by the hour, for the last days only."""
