"""Tables of OpenID Connect, in both directions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA

openid_providers = Table(
    "openid_providers",
    METADATA,
    Column("arn", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("url", Text, nullable=False),
    # the URL in lower case: condition keys do not tell letter cases apart
    Column("url_key", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("client_ids", Text, nullable=False),
    Column("thumbprints", Text, nullable=False),
    Column("tags", Text, nullable=False),
    UniqueConstraint("account", "url_key"),
    sqlite_with_rowid=False,
)
"""`client_ids` and `thumbprints` are JSON lists."""

outbound_issuers = Table(
    "outbound_issuers",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    Column("enabled", Integer, nullable=False),
    sqlite_with_rowid=False,
)

outbound_keys = Table(
    "outbound_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("public", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Of the whole installation, not of one account."""
