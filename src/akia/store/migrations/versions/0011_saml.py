"""SAML providers: their metadata, their private keys, and which of their assertions have been used."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    create_table(
        "saml_providers",
        Column("uuid", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("name_key", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("idps", Text(), nullable=False),
        Column("valid_until", BigInteger(), nullable=True),
        Column("encryption", Text(), nullable=True),
        Column("tags", Text(), nullable=False),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_saml_providers_account_accounts"),
        PrimaryKeyConstraint("uuid", name="pk_saml_providers"),
        UniqueConstraint("account", "name_key", name="uq_saml_providers_account_name_key"),
        sqlite_with_rowid=False,
    )
    create_table(
        "saml_metadata",
        Column("provider", Text(), nullable=False),
        Column("document", Text(), nullable=False),
        ForeignKeyConstraint(["provider"], ["saml_providers.uuid"], name="fk_saml_metadata_provider_saml_providers", ondelete="CASCADE"),
        PrimaryKeyConstraint("provider", name="pk_saml_metadata"),
    )
    create_table(
        "saml_private_keys",
        Column("id", Text(), nullable=False),
        Column("provider", Text(), nullable=False),
        Column("added", BigInteger(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        ForeignKeyConstraint(
            ["provider"], ["saml_providers.uuid"], name="fk_saml_private_keys_provider_saml_providers", ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name="pk_saml_private_keys"),
        sqlite_with_rowid=False,
    )
    create_index("ix_saml_private_keys_provider", "saml_private_keys", ["provider"])
    create_table(
        "used_assertions",
        Column("provider", Text(), nullable=False),
        Column("assertion", Text(), nullable=False),
        Column("expires", BigInteger(), nullable=False),
        PrimaryKeyConstraint("provider", "assertion", name="pk_used_assertions"),
        sqlite_with_rowid=False,
    )
    create_index("ix_used_assertions_expires", "used_assertions", ["expires"])
