"""The table of limits. Its columns stand in the order of the value's fields."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from akia.store.tables import METADATA

limits = Table(
    "limits",
    METADATA,
    *(Column(name, Text, primary_key=True) for name in ("account", "scope", "subject", "action")),
    *(Column(name, BigInteger, nullable=False) for name in ("rate_milli", "burst", "daily", "created")),
    Column("identity", Text, ForeignKey("identities.id", ondelete="CASCADE"), index=True),
    Column("access_key", Text, ForeignKey("access_keys.id", ondelete="CASCADE"), index=True),
    sqlite_with_rowid=False,
)
"""A limit of one principal or one key keeps nobody from being deleted, and goes with it."""
