"""Tables about what access keys may not do, and how long they live. Times are in epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from akia.store.tables import METADATA

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
