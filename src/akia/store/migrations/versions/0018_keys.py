"""Access keys say what they are for, stand in the order they were made in, and have a history of their calls."""

from __future__ import annotations

from alembic.op import add_column, create_index, create_table, execute
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Text, text

revision = "0018"
down_revision = "0017"


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    add_column("access_keys", Column("number", Integer(), nullable=False, server_default=text("0")))
    execute(
        "UPDATE access_keys SET number = (SELECT count(*) FROM access_keys AS earlier WHERE earlier.account = access_keys.account "
        "AND (earlier.created, earlier.id) <= (access_keys.created, access_keys.id))"
    )
    create_index("ix_access_keys_account_number", "access_keys", ["account", "number"], unique=True)
    for name in ("address", "agent", "action"):
        add_column("key_uses", Column(name, Text(), nullable=False, server_default=text("''")))
    create_table(
        "key_attributes",
        *_text("key_id", "description", "owner", "purpose", "environment", "ticket", "tags"),
        PrimaryKeyConstraint("key_id", name="pk_key_attributes"),
        ForeignKeyConstraint(["key_id"], ["access_keys.id"], name="fk_key_attributes_key_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    create_table(
        "key_naming_rules",
        *_text("account", "pattern", "required", "allowed"),
        PrimaryKeyConstraint("account", name="pk_key_naming_rules"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_key_naming_rules_account"),
        sqlite_with_rowid=False,
    )
    combination = ["account", "access_key_id", "day", "service", "action", "region", "address", "agent"]
    create_table(
        "key_calls",
        *_text("account", "access_key_id"),
        *_number("day"),
        *_text(*combination[3:]),
        *_number("calls", "denials", "first_ms", "last_ms"),
        PrimaryKeyConstraint(*combination, name="pk_key_calls"),
        sqlite_with_rowid=False,
    )
    create_table(
        "key_hours",
        *_text("account", "access_key_id"),
        *_number("hour", "calls", "denials"),
        PrimaryKeyConstraint("account", "access_key_id", "hour", name="pk_key_hours"),
        sqlite_with_rowid=False,
    )
    create_index("ix_key_hours_hour", "key_hours", ["hour"])
