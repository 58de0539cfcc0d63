"""Credential reports."""

from __future__ import annotations

from alembic.op import create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_table(
        "credential_reports",
        Column("account", Text(), nullable=False),
        Column("generated", BigInteger(), nullable=False),
        Column("content", Text(), nullable=False),
        PrimaryKeyConstraint("account", name="pk_credential_reports"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_credential_reports_account_accounts"),
        sqlite_with_rowid=False,
    )
