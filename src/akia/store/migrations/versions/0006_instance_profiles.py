"""Instance profiles, deletions of service-linked roles, and when each role was last used."""

from __future__ import annotations

from alembic.op import create_index, create_table, execute
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create_table(
        "instance_profiles",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("name_key", Text(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("tags", Text(), nullable=False),
        Column("role_id", Text(), nullable=True),
        PrimaryKeyConstraint("id", name="pk_instance_profiles"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_instance_profiles_account"),
        ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_instance_profiles_role_id"),
        UniqueConstraint("account", "name_key", name="uq_instance_profiles_account_name_key"),
        sqlite_with_rowid=False,
    )
    create_index("ix_instance_profiles_role_id", "instance_profiles", ["role_id"])
    create_table(
        "role_deletions",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("role", Text(), nullable=False),
        Column("asked", BigInteger(), nullable=False),
        Column("status", Text(), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("usages", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_role_deletions"),
        sqlite_with_rowid=False,
    )
    create_table(
        "role_uses",
        Column("role_id", Text(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("region", Text(), nullable=False),
        PrimaryKeyConstraint("role_id", name="pk_role_uses"),
        sqlite_with_rowid=False,
    )
    issuer = "json_extract(record, '$.userIdentity.sessionContext.sessionIssuer.principalId')"
    execute(  # beside max(), SQLite takes the other columns from the row that has it
        f"INSERT INTO role_uses SELECT {issuer}, max(at_ms), region FROM events"  # noqa: S608 - no input
        f" WHERE verified = 1 AND json_extract(record, '$.userIdentity.type') = 'AssumedRole' AND {issuer} IS NOT NULL GROUP BY 1"
    )
