"""How far readers of the events have come."""

from __future__ import annotations

from alembic.op import create_table
from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    create_table(
        "event_cursors",
        Column("reader", Text(), nullable=False),
        Column("number", BigInteger(), nullable=False),
        PrimaryKeyConstraint("reader", name="pk_event_cursors"),
        sqlite_with_rowid=False,
    )
