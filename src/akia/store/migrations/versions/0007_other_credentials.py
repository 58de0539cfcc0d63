"""Credentials beside access keys: signing and server certificates, SSH public keys, service-specific credentials."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0007"
down_revision = "0006"


def _text(name: str) -> Column[str]:
    return Column(name, Text(), nullable=False)


def upgrade() -> None:
    _signing_certificates()
    _ssh_public_keys()
    _service_credentials()
    _server_certificates()


def _signing_certificates() -> None:
    create_table(
        "signing_certificates",
        _text("id"),
        _text("account"),
        Column("user_id", Text(), nullable=True),
        Column("created", BigInteger(), nullable=False),
        _text("status"),
        _text("body"),
        _text("fingerprint"),
        PrimaryKeyConstraint("id", name="pk_signing_certificates"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_signing_certificates_account_accounts"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_signing_certificates_user_id_users"),
        UniqueConstraint("account", "fingerprint", name="uq_signing_certificates_account_fingerprint"),
        sqlite_with_rowid=False,
    )
    create_index("ix_signing_certificates_user_id", "signing_certificates", ["user_id"])


def _ssh_public_keys() -> None:
    create_table(
        "ssh_public_keys",
        _text("id"),
        _text("account"),
        _text("user_id"),
        Column("created", BigInteger(), nullable=False),
        _text("status"),
        _text("ssh"),
        _text("pem"),
        _text("fingerprint"),
        _text("digest"),
        PrimaryKeyConstraint("id", name="pk_ssh_public_keys"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_ssh_public_keys_account_accounts"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_ssh_public_keys_user_id_users"),
        UniqueConstraint("user_id", "digest", name="uq_ssh_public_keys_user_id_digest"),
        sqlite_with_rowid=False,
    )


def _service_credentials() -> None:
    create_table(
        "service_credentials",
        _text("id"),
        _text("account"),
        _text("user_id"),
        Column("created", BigInteger(), nullable=False),
        _text("status"),
        _text("service"),
        _text("user_name"),
        Column("expires", BigInteger(), nullable=True),
        Column("digest", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_service_credentials"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_service_credentials_account_accounts"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_service_credentials_user_id_users"),
        UniqueConstraint("account", "service", "user_name", name="uq_service_credentials_account_service_user_name"),
        sqlite_with_rowid=False,
    )
    create_index("ix_service_credentials_user_id", "service_credentials", ["user_id"])


def _server_certificates() -> None:
    create_table(
        "server_certificates",
        _text("id"),
        _text("account"),
        _text("name"),
        _text("name_key"),
        _text("path"),
        Column("created", BigInteger(), nullable=False),
        Column("expires", BigInteger(), nullable=False),
        _text("body"),
        Column("chain", Text(), nullable=True),
        _text("tags"),
        Column("sealed", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_server_certificates"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_server_certificates_account_accounts"),
        UniqueConstraint("account", "name_key", name="uq_server_certificates_account_name_key"),
        sqlite_with_rowid=False,
    )
