"""What access keys may not be used for, and how long they live."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    create_table(
        "key_restrictions",
        Column("key_id", Text(), nullable=False),
        Column("not_before", BigInteger(), nullable=True),
        Column("expires", BigInteger(), nullable=True),
        Column("grace_until", BigInteger(), nullable=True),
        Column("regions", Text(), nullable=False),
        Column("global_services", Text(), nullable=False),
        Column("networks", Text(), nullable=False),
        Column("services", Text(), nullable=False),
        Column("policy", Text(), nullable=True),
        ForeignKeyConstraint(["key_id"], ["access_keys.id"], name="fk_key_restrictions_key_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("key_id", name="pk_key_restrictions"),
        sqlite_with_rowid=False,
    )
    create_table(
        "key_lifetimes",
        Column("target", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("identity_id", Text(), nullable=True),
        Column("key_id", Text(), nullable=True),
        Column("organization_id", Text(), nullable=True),
        Column("mode", Text(), nullable=False),
        Column("days", Integer(), nullable=False),
        Column("grace_days", Integer(), nullable=False),
        Column("warn_days", Integer(), nullable=False),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_key_lifetimes_account"),
        ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_key_lifetimes_identity_id", ondelete="CASCADE"),
        ForeignKeyConstraint(["key_id"], ["access_keys.id"], name="fk_key_lifetimes_key_id", ondelete="CASCADE"),
        ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_key_lifetimes_organization_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("target", name="pk_key_lifetimes"),
        sqlite_with_rowid=False,
    )
    for column in ("account", "identity_id", "key_id", "organization_id"):
        create_index(f"ix_key_lifetimes_{column}", "key_lifetimes", [column])
