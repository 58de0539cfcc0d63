"""Tables of what an account has settled for itself."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from akia.store.tables import METADATA

account_properties = Table(
    "account_properties",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    # `Namespace/PropertyName`
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

token_preferences = Table(
    "token_preferences",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The version of the session tokens that STS's global endpoint gives."""
