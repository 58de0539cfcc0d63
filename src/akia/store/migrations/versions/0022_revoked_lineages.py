"""Sessions that are revoked by the key that they descend from, or by their owner; reports of compromised keys."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text, text

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    create_table(
        "revoked_lineages",
        Column("subject", Text(), nullable=False),
        Column("issued_until", BigInteger(), nullable=False),
        PrimaryKeyConstraint("subject", name="pk_revoked_lineages"),
        sqlite_with_rowid=False,
    )
    create_table(
        "compromise_reports",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("key_id", Text(), nullable=False),
        Column("user", Text(), nullable=False),
        Column("reported", BigInteger(), nullable=False),
        Column("reporter", Text(), nullable=False),
        Column("note", Text(), nullable=False),
        Column("status", Text(), nullable=False),
        Column("last_used", BigInteger(), nullable=False),
        Column("quarantine", Text(), nullable=False),
        Column("replacement", Text(), nullable=False),
        Column("refused", Text(), nullable=False),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_compromise_reports_account"),
        PrimaryKeyConstraint("id", name="pk_compromise_reports"),
        sqlite_with_rowid=False,
    )
    create_index("ix_compromise_reports_account_reported_id", "compromise_reports", ["account", "reported", "id"])
    create_index(
        "ix_events_making_sessions",
        "events",
        ["account", "access_key_id", "at_ms"],
        sqlite_where=text("source = 'sts.amazonaws.com' AND resources != '[]'"),
    )
