"""Passwords, their policy, and second factors."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0010"
down_revision = "0009"


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def _small(*names: str) -> list[Column[int]]:
    return [Column(name, Integer(), nullable=False) for name in names]


def _flag(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean(), nullable=False) for name in names]


def _of_account(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account"], ["accounts.id"], name=f"fk_{table}_account")


def _of_user(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id")


def upgrade() -> None:
    create_table(
        "password_policies",
        *_text("account"),
        *_small("minimum_length"),
        *_flag("require_symbols", "require_numbers", "require_uppercase", "require_lowercase", "allow_change"),
        *_small("max_age", "reuse_prevention"),
        *_flag("hard_expiry"),
        PrimaryKeyConstraint("account", name="pk_password_policies"),
        _of_account("password_policies"),
        sqlite_with_rowid=False,
    )
    create_table(
        "login_profiles",
        *_text("owner", "account"),
        Column("user_id", Text()),
        *_number("created", "changed"),
        *_flag("reset_required"),
        Column("used", BigInteger()),
        *_small("failures"),
        *_number("failed"),
        Column("sealed", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("owner", name="pk_login_profiles"),
        _of_account("login_profiles"),
        _of_user("login_profiles"),
        sqlite_with_rowid=False,
    )
    create_table(
        "mfa_devices",
        *_text("serial", "account", "name", "path"),
        *_number("created"),
        *_flag("virtual"),
        Column("owner", Text()),
        Column("user_id", Text()),
        Column("enabled", BigInteger()),
        *_text("tags"),
        *_small("drift"),
        *_number("last_step"),
        *_small("failures"),
        *_number("failed"),
        Column("sealed", LargeBinary()),
        PrimaryKeyConstraint("serial", name="pk_mfa_devices"),
        _of_account("mfa_devices"),
        _of_user("mfa_devices"),
        sqlite_with_rowid=False,
    )
    create_table(
        "security_keys",
        *_text("serial"),
        Column("credential", LargeBinary(), nullable=False),
        Column("public_key", LargeBinary(), nullable=False),
        *_number("sign_count"),
        *_text("model"),
        PrimaryKeyConstraint("serial", name="pk_security_keys"),
        ForeignKeyConstraint(["serial"], ["mfa_devices.serial"], name="fk_security_keys_serial", ondelete="CASCADE"),
        UniqueConstraint("credential", name="uq_security_keys_credential"),
        sqlite_with_rowid=False,
    )
    create_table(
        "security_key_challenges",
        *_text("owner", "purpose", "account", "id", "name"),
        Column("challenge", LargeBinary(), nullable=False),
        *_number("expires"),
        PrimaryKeyConstraint("owner", "purpose", name="pk_security_key_challenges"),
        _of_account("security_key_challenges"),
        sqlite_with_rowid=False,
    )
    for table, column in (
        ("login_profiles", "account"),
        ("login_profiles", "user_id"),
        ("mfa_devices", "account"),
        ("mfa_devices", "owner"),
        ("mfa_devices", "user_id"),
        ("security_key_challenges", "expires"),
    ):
        create_index(f"ix_{table}_{column}", table, [column])
