"""Rotations of access keys, their histories, and accounts' policies."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Text

revision = "0020"
down_revision = "0019"


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    create_table(
        "rotations",
        *_text("id", "account", "owner", "user_name", "old_key", "new_key"),
        *_number("started_ms"),
        *_text("started_by"),
        *_number("quiet_ms", "inactive_ms"),
        *_text("targets", "state", "delivered"),
        *_number("since_ms", "old_called_ms", "new_called_ms"),
        *_text("stilled"),
        *_number("attempts"),
        *_text("problem"),
        *_number("due_ms", "version", "ended_ms"),
        PrimaryKeyConstraint("id", name="pk_rotations"),
        sqlite_with_rowid=False,
    )
    for columns in (("account", "id"), ("owner", "ended_ms"), ("ended_ms", "due_ms"), ("stilled",)):
        create_index(f"ix_rotations_{'_'.join(columns)}", "rotations", list(columns))
    create_table(
        "rotation_steps",
        *_text("rotation_id"),
        Column("number", Integer(), nullable=False),
        *_number("at_ms"),
        *_text("before", "after", "reason", "who", "evidence"),
        PrimaryKeyConstraint("rotation_id", "number", name="pk_rotation_steps"),
        ForeignKeyConstraint(["rotation_id"], ["rotations.id"], name="fk_rotation_steps_rotation_id_rotations", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    create_table(
        "rotation_policies",
        *_text("account", "mode"),
        *_number("every_days", "quiet_ms", "inactive_ms"),
        PrimaryKeyConstraint("account", name="pk_rotation_policies"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_rotation_policies_account_accounts"),
        sqlite_with_rowid=False,
    )
    create_table(
        "rotation_reminders",
        *_text("key_id"),
        *_number("days"),
        PrimaryKeyConstraint("key_id", name="pk_rotation_reminders"),
        ForeignKeyConstraint(["key_id"], ["access_keys.id"], name="fk_rotation_reminders_key_id_access_keys", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
