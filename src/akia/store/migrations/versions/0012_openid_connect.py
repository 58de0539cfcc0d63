"""OpenID Connect: providers whose tokens are believed, accounts that issue tokens, the keys that sign them."""

from __future__ import annotations

from alembic.op import create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    create_table(
        "openid_providers",
        Column("arn", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("url", Text(), nullable=False),
        Column("url_key", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("client_ids", Text(), nullable=False),
        Column("thumbprints", Text(), nullable=False),
        Column("tags", Text(), nullable=False),
        PrimaryKeyConstraint("arn", name="pk_openid_providers"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_openid_providers_account"),
        UniqueConstraint("account", "url_key", name="uq_openid_providers_account_url_key"),
        sqlite_with_rowid=False,
    )
    create_table(
        "outbound_issuers",
        Column("account", Text(), nullable=False),
        Column("id", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("enabled", Integer(), nullable=False),
        PrimaryKeyConstraint("account", name="pk_outbound_issuers"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_outbound_issuers_account"),
        UniqueConstraint("id", name="uq_outbound_issuers_id"),
        sqlite_with_rowid=False,
    )
    create_table(
        "outbound_keys",
        Column("id", Text(), nullable=False),
        Column("algorithm", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("public", Text(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_outbound_keys"),
        sqlite_with_rowid=False,
    )
