"""The tables of SAML providers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA

saml_providers = Table(
    "saml_providers",
    METADATA,
    Column("uuid", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    # the name in lower case: names are unique without regard to case and keep their case (P5.4-21)
    Column("name_key", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # what the metadata says, as JSON, so that no call has to read the document again
    Column("idps", Text, nullable=False),
    Column("valid_until", BigInteger),
    Column("encryption", Text),
    Column("tags", Text, nullable=False),
    UniqueConstraint("account", "name_key"),
    sqlite_with_rowid=False,
)

saml_metadata = Table(
    "saml_metadata",
    METADATA,
    Column("provider", Text, ForeignKey("saml_providers.uuid", ondelete="CASCADE"), primary_key=True),
    Column("document", Text, nullable=False),
)
"""The documents, which can be long, apart from what every call reads."""

saml_private_keys = Table(
    "saml_private_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("provider", Text, ForeignKey("saml_providers.uuid", ondelete="CASCADE"), nullable=False, index=True),
    Column("added", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

used_assertions = Table(
    "used_assertions",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("assertion", Text, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index(None, "expires"),
    sqlite_with_rowid=False,
)
"""Which assertions have been used, until they are too old to be used again. A provider's outlive the provider."""
