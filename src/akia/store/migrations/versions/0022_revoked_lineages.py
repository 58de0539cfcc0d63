"""Sessions that are revoked by the key that they descend from, or by their owner."""

from __future__ import annotations

from alembic.op import create_table
from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Text

revision = "0022"
down_revision = "0019"


def upgrade() -> None:
    create_table(
        "revoked_lineages",
        Column("subject", Text(), nullable=False),
        Column("issued_until", BigInteger(), nullable=False),
        PrimaryKeyConstraint("subject", name="pk_revoked_lineages"),
        sqlite_with_rowid=False,
    )
