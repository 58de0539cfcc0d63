"""Which edition of the packaged data the database holds."""

from __future__ import annotations

from alembic.op import create_table
from sqlalchemy import Column, PrimaryKeyConstraint, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_table(
        "editions",
        Column("what", Text(), nullable=False),
        Column("edition", Text(), nullable=False),
        PrimaryKeyConstraint("what", name="pk_editions"),
        sqlite_with_rowid=False,
    )
