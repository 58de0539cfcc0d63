"""Limits that accounts set themselves."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    create_table(
        "limits",
        *(Column(name, Text(), nullable=False) for name in ("account", "scope", "subject", "action")),
        *(Column(name, BigInteger(), nullable=False) for name in ("rate_milli", "burst", "daily", "created")),
        Column("identity", Text()),
        Column("access_key", Text()),
        PrimaryKeyConstraint("account", "scope", "subject", "action", name="pk_limits"),
        ForeignKeyConstraint(["identity"], ["identities.id"], name="fk_limits_identity_identities", ondelete="CASCADE"),
        ForeignKeyConstraint(["access_key"], ["access_keys.id"], name="fk_limits_access_key_access_keys", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    create_index("ix_limits_identity", "limits", ["identity"])
    create_index("ix_limits_access_key", "limits", ["access_key"])
