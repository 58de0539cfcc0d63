"""Tables of what akia knows of access keys beyond AWS: what they are for, which names an account wants, who has called
with them, what they may not do, and how long they live. Times are in epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

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

key_restrictions = Table(
    "key_restrictions",
    METADATA,
    Column("key_id", Text, ForeignKey("access_keys.id", ondelete="CASCADE"), primary_key=True),
    Column("not_before", BigInteger),
    Column("expires", BigInteger),
    Column("grace_until", BigInteger),
    # lists as JSON
    Column("regions", Text, nullable=False),
    Column("global_services", Text, nullable=False),
    Column("networks", Text, nullable=False),
    Column("services", Text, nullable=False),
    Column("policy", Text),
    sqlite_with_rowid=False,
)

key_lifetimes = Table(
    "key_lifetimes",
    METADATA,
    # the id of an organization, an account, a group, a user or a key
    Column("target", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    # the target once more, so that the rule goes with it
    Column("identity_id", Text, ForeignKey("identities.id", ondelete="CASCADE"), index=True),
    Column("key_id", Text, ForeignKey("access_keys.id", ondelete="CASCADE"), index=True),
    Column("organization_id", Text, ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("mode", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("warn_days", Integer, nullable=False),
    sqlite_with_rowid=False,
)

compromise_reports = Table(
    "compromise_reports",
    METADATA,
    # in the order of the value's fields; the key may be gone
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("reported", BigInteger, nullable=False),
    Column("reporter", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("last_used", BigInteger, nullable=False),
    Column("quarantine", Text, nullable=False),
    Column("replacement", Text, nullable=False),
    Column("refused", Text, nullable=False),
    Index(None, "account", "reported", "id"),
    sqlite_with_rowid=False,
)
